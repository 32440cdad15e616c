"""The grid zones with a recommended carbon intensity.

Example: python -m policy zones --json
"""

from policy import energy, facts


def add(parser):
    """No arguments of its own."""


def run(args) -> dict:
    grid = facts.load("grid_intensity")
    listed = [(name, code, grid[energy.WORLD if code == "world" else code]) for name, code in energy.zones()]
    if args.json:
        return {"zones": [{"zone": code, "name": name, **fact.to_dict()} for name, code, fact in listed]}
    return {f"{code:6} {name}": f"{fact.value_text()}, {fact.source.title} ({fact.source.year})"
            for name, code, fact in listed}
