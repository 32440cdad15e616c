"""The grid zones and their carbon intensity.

Example: python -m policy zones --json
"""

from policy import grids


def add(parser):
    """No arguments of its own."""


def run(args) -> dict:
    grid = grids.intensities()
    listed = [(name, code, grid[grids.WORLD if code == "world" else code]) for name, code in grids.zones()]
    if args.json:
        return {"zones": [{"zone": code, "name": name, **fact.to_dict()} for name, code, fact in listed]}
    return {f"{code:6} {name}": f"{fact.value_text()}, {fact.source.title} ({fact.source.year}){old(fact)}"
            for name, code, fact in listed}


def old(fact) -> str:
    return ", old" if fact.details["old"] == "yes" else ""
