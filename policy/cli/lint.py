"""Check a policy against itself. Exit code 1 where there is an error, else 0.

Example: python -m policy lint policy.md --json
"""

from policy import lint, policy_file
from policy.frameworks import cited
from policy.markdown_file import text_of
from policy.rulebook import rulebook


def add(parser):
    parser.add_argument("file", metavar="FILE", help="a policy as Markdown or JSON")


def run(args) -> int:
    import json

    opened = policy_file.read(text_of(args.file), args.file)
    found = lint.findings(opened.draft)
    size, fits, _ = lint.size(opened.draft)
    errors = lint.count(found)["error"]
    if args.json:
        print(json.dumps({"file": args.file, "as_of": rulebook().as_of.isoformat(), "counts": lint.count(found),
                          "words": size.words, "words_fit": fits, "grade": size.grade, "notes": list(opened.notes),
                          "findings": [finding.to_dict() for finding in found]}))
        return int(errors > 0)
    for note in opened.notes:
        print(f"note: {note}")
    for finding in found:
        print("\n".join(_said(finding)))
    print(f"{args.file}: {lint.summary(found)}; {size.words} words{'' if fits else ' (outside its target)'}")
    return int(errors > 0)


def _said(finding) -> list[str]:
    rule = finding.lint
    waived = f" (set aside: {finding.dismissed})" if finding.dismissed else ""
    steps = [step["say"] for step in finding.fixes] or finding.advice
    return [f"{rule.level} {rule.id} {rule.message}{waived}", *(f"    | {place.text}" for place in finding.places),
            f"    why: {rule.why}", *(f"    fix: {step}" for step in steps),
            *(f"    asked for by: {ref['title']}: {ref['gloss']}" + (f" (applies from {ref['applies']})" if ref["applies"] else "")
              for ref in cited(rule.references)),
            *(f"    source: {source.title} {source.url} ({source.confidence} confidence)" for source in finding.sources), ""]
