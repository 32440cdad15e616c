"""The policies to start from.

Example: python -m policy presets --json
"""

from policy import draft, lint
from policy.rulebook import rulebook


def add(parser):
    """No arguments of its own."""


def run(args) -> dict:
    book = rulebook()
    if not args.json:
        return {f"{p.id:15} {p.audience:11}": f"{p.name}: {p.one_line}" for p in book.presets.values()}
    return {"as_of": book.as_of.isoformat(), "presets": [
        {"id": p.id, "name": p.name, "audience": p.audience, "one_line": p.one_line, "aias_level": p.aias_level,
         "permits": p.permits, "best_for": p.best_for, "watch_out": p.watch_out, "not_for": p.not_for,
         "words": lint.size(draft.from_preset(p.id))[0].words,
         "sources": [source.to_dict() for source in book.sources(p.sources)]} for p in book.presets.values()]}
