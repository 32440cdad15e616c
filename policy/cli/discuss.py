"""Cases for the board, lesson plans, and rooms for a class.

Examples: python -m policy discuss cases --json
          python -m policy discuss place clinic-app --intent 0.8 --impact -0.7
          python -m policy discuss open --hours 24 --at https://lab.example/discuss/
          python -m policy discuss record KVP4TX --as md -o hour.md
Rooms are in the database that the server uses: DATABASE_URL, or GENLENS_ROOMS (a folder), or runs/rooms.
"""

import argparse
from pathlib import Path

from policy import discussion
from policy.errors import BadInput

KINDS = ("md", "csv", "votes")


def add(parser):
    doing = parser.add_subparsers(dest="doing", required=True, metavar="WHAT")
    doing.add_parser("cases", help="the cases with their sources")
    doing.add_parser("plans", help="lesson plans, prompts and their timed steps")
    place = doing.add_parser("place", help="a dot beside the authors' view")
    place.add_argument("case")
    place.add_argument("--intent", type=float, required=True, help="-1 malicious to 1 innocent")
    place.add_argument("--impact", type=float, required=True, help="-1 harmful to 1 helpful")
    place.add_argument("--twist", type=int, help="number of the twist told before, counted from 0")
    opening = doing.add_parser("open", help="open a room; prints its code and the instructor link")
    opening.add_argument("--hours", type=int, default=24, help="how long it is kept: 3, 24 or 168")
    opening.add_argument("--at", default="http://127.0.0.1:7860/discuss/", help="address of the rooms' pages")
    record = doing.add_parser("record", help="what a room said: md (the hour), csv (every vote), votes (for the policy builder)")
    record.add_argument("code")
    record.add_argument("--as", dest="kind", choices=KINDS, default="md")
    record.add_argument("-o", "--out", help="a file to write; none: print")
    doing.add_parser("sweep", help="delete what is in rooms whose time is over")
    for command in doing.choices.values():
        command.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON object and nothing else")


def run(args) -> dict | None:
    return {"cases": _cases, "plans": _plans, "place": _place, "open": _open, "record": _record, "sweep": _sweep}[args.doing](args)


def _cases(args) -> dict:
    if not args.json:
        return {f"{case.id:16}": f"{case.title}. {case.text} {case.provenance()}" for case in discussion.cases().values()}
    return {"cases": [{"id": case.id, "title": case.title, "text": case.text, "contested": case.contested, "tags": case.tags,
                       "twists": [twist.text for twist in case.twists], "content_note": case.content_note,
                       "provenance": case.provenance(), "as_of": case.as_of.isoformat()}
                      for case in discussion.cases().values()]}


def _plans(args) -> dict:
    if not args.json:
        return {f"{plan.title} ({plan.minutes} min)": ", ".join(discussion.prompts()[id].title for id in plan.prompts)
                for plan in discussion.plans().values()}
    return {"plans": [vars(plan) for plan in discussion.plans().values()],
            "prompts": [{"id": prompt.id, "title": prompt.title, "prompt": prompt.prompt, "minutes": prompt.minutes,
                         "steps": [vars(step) for step in prompt.steps], "numbers": [fact.to_dict() for fact in prompt.facts()],
                         "sources": [str(source) for source in prompt.sources], "as_of": prompt.as_of.isoformat()}
                        for prompt in discussion.prompts().values()]}


def _place(args) -> dict:
    case = discussion.find_case(args.case)
    found = discussion.placement(case, args.intent, args.impact, args.twist)
    return {"case": case.id, "you": found.words, "question": found.question, "authors": list(found.authors),
            "width": list(found.width), "within": found.within, "provenance": case.provenance()}


def _rooms():
    from policy import store
    from policy.rooms import Rooms

    return Rooms(store.opened(store.database_url()))


def _open(args) -> dict:
    if not args.at.startswith(("http://", "https://")):
        raise BadInput("--at is an address that starts with http:// or https://.")
    keys, at = _rooms().open(args.hours), args.at.rstrip("/")
    return {"code": keys.code, "join": f"{at}/{keys.code}", "show": f"{at}/show/{keys.code}",
            "steer": f"{at}/steer#{keys.secret}", "expires": keys.expires}


def _record(args) -> dict | None:
    from policy import room_record, room_view, vote

    rooms = _rooms()
    room = rooms.find(args.code)
    text = {"md": room_record.record_markdown, "csv": room_record.record_csv,
            "votes": lambda rooms, room: vote.votes_json(room_view.policy_vote(rooms, room.code))}[args.kind](rooms, room)
    if args.out:
        Path(args.out).write_text(text, encoding="utf-8", newline="")
        return {"written": args.out}
    if args.json:
        return {"text": text}
    print(text, end="")
    return None


def _sweep(args) -> dict:
    return {"emptied": _rooms().sweep()}
