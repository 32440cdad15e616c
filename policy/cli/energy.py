"""Energy, carbon, water and money of requests, sessions and training runs; and whether a claim agrees with itself.

Examples:
  python -m policy energy request --kind chat --region CA-AB --json
  python -m policy energy request --model gpt-4o --input-tokens 1000 --output-tokens 400 --n 100
  python -m policy energy session rows.csv --region Quebec --wh 3      (columns activity,count and, if wanted, wh)
  python -m policy energy training --mwh 1287 --grid 429 --pue 1.1 --pue-inside
  python -m policy energy claim --energy-mwh 324 --grid 231 --pue 1.09 --tonnes 70      (exit code 1: it contradicts itself)
"""

import argparse
import sys
from dataclasses import fields, replace
from pathlib import Path

from policy import claims, crosscheck, requests, sessions, training
from policy.errors import BadInput
from policy.estimate import Estimate
from policy.units import readable


def add(parser):
    kinds = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    one = kinds.add_parser("request", help="one request, or many of the same")
    one.add_argument("--kind", help=f"kind of request: {', '.join(requests.KINDS)}")
    one.add_argument("--wh", type=decimal, help="Wh of one request, as somebody told")
    one.add_argument("--model", help="name of a model whose size is known here")
    one.add_argument("--active-params", type=decimal, help="billions of active parameters")
    one.add_argument("--total-params", type=decimal, help="billions of parameters in all; left out: all are active")
    one.add_argument("--input-tokens", type=decimal, help="tokens read for each request")
    one.add_argument("--output-tokens", type=decimal, help="tokens written for each request, reasoning included")
    one.add_argument("--pue", type=decimal, help="energy of the data centre over that of its machines, 1 or more")
    one.add_argument("--n", type=decimal, default=1.0, help="how many requests")
    one.add_argument("--boundary", help="what to count, with commas: gpu,host,idle,pue,embodied")
    one.add_argument("--library", action="store_true", help="also what EcoLogits says, where it is installed")
    many = kinds.add_parser("session", help="a table of activities")
    many.add_argument("file", help="CSV with columns activity,count and, if wanted, wh; - reads standard input. "
                      "A line that cannot be read is told, the rest is counted, and the exit code is 2")
    many.add_argument("--wh", type=decimal, help="a flat Wh for every request")
    many.add_argument("--days", type=decimal, default=1.0, help="how many days like this")
    many.add_argument("--people", type=decimal, default=1.0, help="how many people")
    many.add_argument("--api-model", help="add the bill at the list prices of this model, with typical tokens")
    long = kinds.add_parser("training", help="a training run")
    long.add_argument("--mwh", type=decimal, help="energy in MWh")
    long.add_argument("--grid", type=decimal, help="gCO2e/kWh, in place of a region")
    long.add_argument("--pue", type=decimal, help="energy of the data centre over that of its machines, 1 or more")
    long.add_argument("--pue-inside", action="store_true", help="the MWh already are those of the data centre")
    long.add_argument("--gpus", type=decimal, help="number of devices")
    long.add_argument("--hours", type=decimal, help="hours of each device")
    long.add_argument("--watts", type=decimal, help="watts of each device")
    long.add_argument("--utilisation", type=decimal, default=1.0, help="share of the watts that is drawn, 0 to 1")
    for part in (one, many, long):
        part.add_argument("--region", help="grid zone, e.g. CA-AB or Germany; none: the world average, and it is said")
        part.add_argument("--market", help="market-based, after the purchases of this operator: google or meta")
    claim = kinds.add_parser("claim", help="multiply a published claim out; exit code 1 where it contradicts itself")
    for field in fields(claims.Claim):
        claim.add_argument(f"--{field.name.replace('_', '-')}", type=decimal,
                           help=f"{claims.NAMES[field.name][4:]}{UNITS.get(field.name, '')}")
    for part in (one, many, long, claim):
        part.add_argument("--json", action="store_true", default=argparse.SUPPRESS,
                          help="print one JSON object and nothing else")


UNITS = {"energy_mwh": " in MWh", "grid": " in gCO2e/kWh, 0 to 1,500", "tonnes": " of CO2e", "hours": " of each device",
         "watts": " of each device"}


def run(args) -> dict | tuple[dict, int]:
    return {"request": request, "session": session, "training": run_training, "claim": claim}[args.what](args)


def request(args) -> dict:
    found = requests.request(
        args.kind, wh=args.wh, model=args.model, active_params_b=args.active_params, total_params_b=args.total_params,
        input_tokens=args.input_tokens, output_tokens=args.output_tokens, region=args.region, pue=args.pue, n=args.n,
        boundary=None if args.boundary is None else [name.strip() for name in args.boundary.split(",") if name.strip()],
        market=args.market)
    answer = found.to_dict() if args.json else lines(found)
    if args.library:
        said = library(args)
        answer["library"] = said.to_dict() if args.json else str(said)
    return answer


def library(args) -> crosscheck.Said:
    """What EcoLogits says of one request to the same model."""
    if args.model is None:
        raise BadInput("The library knows models by name only; give --model.")
    said = crosscheck.ecologits_says(args.model, args.output_tokens or requests.TYPICAL_OUTPUT, args.region)
    if said is None:
        raise BadInput("EcoLogits is not installed here; pip install ecologits adds it.")
    return said


def session(args) -> dict | tuple[dict, int]:
    table = sessions.read_table(text_of(args.file), flat=args.wh is not None)
    for problem in table.problems:
        print(problem, file=sys.stderr)
    if not table.rows:
        raise BadInput("No line of the table could be read.")
    found = sessions.session(table.rows, region=args.region, wh=args.wh, days=args.days, people=args.people,
                             market=args.market, api_model=args.api_model).whole
    found = replace(found, assumptions=(*found.assumptions, *table.problems))
    return (found.to_dict() if args.json else lines(found)), 2 if table.problems else 0


def run_training(args) -> dict:
    found = training.training(mwh=args.mwh, grid=args.grid, pue=args.pue, pue_inside=args.pue_inside, gpus=args.gpus,
                              hours=args.hours, watts=args.watts, utilisation=args.utilisation, region=args.region,
                              market=args.market)
    return training.training_dict(found) if args.json else lines(found)


def claim(args) -> tuple[dict, int]:
    verdict = claims.check(claims.Claim(**{field.name: getattr(args, field.name) for field in fields(claims.Claim)}))
    if verdict.agrees is None and not verdict.implied and not verdict.beside:
        raise claims.too_little()
    code = 1 if verdict.agrees is False else 0
    if args.json:
        return verdict.to_dict(), code
    said = {"agrees": {True: "yes", False: "no", None: "nothing to compare, but see what it implies and what was published"}[
        verdict.agrees]}
    said |= {f"contradiction {i}": text for i, text in enumerate(verdict.contradictions, 1)}
    said |= {f"likely slip {i}": text for i, text in enumerate(verdict.slips, 1)}
    said |= {f"agreement {i}": check.sentence for i, check in enumerate((c for c in verdict.checks if c.agrees), 1)}
    said |= {f"beside {i}": one.sentence for i, one in enumerate(verdict.beside, 1)}
    said |= {f"implied {name}": f"{value:,.4g} {unit}" for name, value, unit in verdict.implied}
    return said, code


def lines(found: Estimate) -> dict:
    """The answer for people."""
    said = {name: readable(fact).value_text() for name, fact in (("energy", found.energy), ("carbon", found.carbon),
                                                                 ("water", found.water), ("electricity", found.cost))}
    if found.api_cost is not None:
        said["list price"] = found.api_cost.value_text()
    said["assumed"] = "".join(f"\n  {text}" for text in found.assumptions)
    said["sources"] = "".join(f"\n  {row.id}: {row.source.title} ({row.source.year}) {row.source.url}".rstrip()
                              for row in found.facts())
    return said


def decimal(text: str) -> float:
    """A number on the command line; a decimal comma is refused by name."""
    try:
        return float(text)
    except ValueError:
        hint = f"; write {text.replace(',', '.')} with a point" if sessions.DECIMAL_COMMA.fullmatch(text) else ""
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number{hint}") from None


def text_of(path: str) -> str:
    """The table's text from a file or from standard input."""
    try:
        if path == "-":
            return sys.stdin.read(sessions.MOST_TEXT + 1)
        with Path(path).open(encoding="utf-8-sig") as file:
            return file.read(sessions.MOST_TEXT + 1)
    except OSError as error:
        raise BadInput(f"The table {path[:80]!r} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadInput(f"The table {path[:80]!r} is no text in UTF-8.") from None
