"""One figure by its id, with value, range, unit, year, source and how it was obtained.

Example: python -m policy fact band_chat
"""

from policy import facts


def add(parser):
    parser.add_argument("id", help='as listed under "sources", e.g. band_chat or CA-AB')


def run(args) -> dict:
    fact, file = facts.find(args.id)
    if args.json:
        return {"file": file, **fact.to_dict()}
    source = fact.source
    said = {"what": fact.what, "value": fact.value_text(), "source": f"{source.title} ({source.year}) {source.url}".rstrip(),
            "obtained": source.confidence, "note": source.note} | dict(fact.details)
    return {key: text for key, text in said.items() if text} | {"file": f"assets/facts/{file}.csv"}
