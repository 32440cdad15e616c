"""A checklist as a file that a project keeps: Markdown to read and edit, CSV for a table.

The record at the end is the truth, and the text above it may be edited by hand. Pieces that nobody touched are not read
at all. In a piece that somebody did touch, the ticks, the answer and the evidence are taken over, because they stand on
lines of their own; every other line that GenLens did not write is kept where it stands, as the person's own words.
Nothing else is guessed, and each thing taken over or kept is said in a notice.
"""

import re
from dataclasses import dataclass, field, replace

from policy import frameworks, tables
from policy.checklist import (HEAD, HEADS, MISSING, STATES, WEIGHTS, Answer, Gap, Sheet, StageStanding, Standing, catalogue, data_of,
                              is_due, is_settled, own_of, sheet_of, standing, state)
from policy.frameworks import Reference
from policy.markdown_file import Opened, escaped, mark, opened, plain, sealed

KIND, VERSION = "checklist", 1
ABOUT_HEAD, MISSING_HEAD, NOTES_HEAD = HEADS
ITEM = re.compile(r"^[-*+] \[([ xX])\] \*\*([A-Z][0-9]{2}) ")
FIELD = re.compile(r"^\s{1,8}[-*+] (Answer|Evidence|Reason|Note):[ \t]?(.*)$")
TITLE_FIELD = re.compile(r"^[-*+] \*\*(Version|Date):\*\*[ \t]?(.*)$")
SPOKEN = {"yes": "yes", "partly": "partly", "no": "no", "does not apply": "na", "not applicable": "na", "n/a": "na", "na": "na",
          "unsure": "unsure", "not known yet": "unsure", "we do not know yet": "unsure", "": "", "open": "", "not answered": ""}
WRITTEN = {"yes": "yes", "partly": "partly", "no": "no", "na": "does not apply", "unsure": "not known yet", "": "open"}
HOW = ("Edit this file as you like: change a tick, an answer (yes, partly, no, does not apply, not known yet) or its evidence, add "
       "words of your own, and open it again. The comment at its end carries the answers.")
COLUMNS = ("id", "stage", "title", "gate", "weight", "due", "state", "answer", "evidence_or_reason", "statement", "risks", "mitigations",
           "references")


@dataclass(frozen=True)
class Read:
    """sheet: as the file says now. taken: what was taken over from edits by hand, one sentence each. kept: pieces with own words."""

    sheet: Sheet
    taken: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def markdown(sheet: Sheet) -> str:
    """The whole file."""
    data = data_of(sheet) | {"as_of": catalogue().as_of.isoformat()}
    written = pieces(sheet)
    heads = {id: mark(words_of(head(id))) for id in written if id in catalogue().items}
    return sealed(written, KIND, VERSION, data | {"heads": heads})


def pieces(sheet: Sheet) -> dict[str, str]:
    """{name: Markdown} in order: title, about, missing, each stage and its items, notes. Own words end their piece."""
    found = {"title": _title(sheet)}
    if sheet.about:
        found["about"] = f"## {ABOUT_HEAD}\n\n" + block(sheet.about, "")
    now = standing(sheet)
    found["missing"] = _missing(sheet, now)
    for stage in now.stages:
        if stage.due:
            found[stage.stage] = _stage(stage)
            for item in catalogue().items.values():
                if item.stage == stage.stage and is_due(item, sheet):
                    found[item.id] = _item(item.id, sheet.answers.get(item.id, Answer()))
    found = {name: _with_own(text, sheet.own.get(name, "")) for name, text in found.items()}
    homeless = [text for name, text in sheet.own.items() if name not in found]  # its item is not due now: at the end
    if homeless:
        found["notes"] = _with_own(f"## {NOTES_HEAD}", "\n\n".join(homeless))
    return found


def read(text: str, name: str = "file") -> Read:
    """The sheet of a file that `markdown` wrote, also after edits by hand. BadInput where it is none, or cannot be read."""
    file = opened(text, KIND, VERSION, name)
    return Hand(file, sheet_of(file.data)).read()


@dataclass
class Hand:
    """What a person changed in the text, found piece by piece."""

    file: Opened
    stored: Sheet
    taken: list[str] = field(default_factory=list)

    @property
    def heads(self) -> dict:
        """{item: mark of its first line when the file was written}."""
        heads = self.file.data.get("heads")
        return heads if isinstance(heads, dict) else {}

    def read(self) -> Read:
        found, written = split(self.file.body), pieces(replace(self.stored, own={}))
        edited = {name for name, text in found.items() if self.file.edited(name, text)}
        answers, texts = dict(self.stored.answers), {}
        own = {name: text for name, text in self.stored.own.items()
               if name in found and name not in edited or name not in self.file.marks and "notes" in found and "notes" not in edited}
        for name in edited:
            text = found[name]
            if name in catalogue().items:
                answers[name], own[name] = self._item(name, text)
            elif name == "about":
                texts["about"] = unblock(text.split("\n")[1:])
                self.taken.append("The description was taken from the text.")
            elif name == "title":
                own[name] = self._title(text, written[name], texts)
            elif name == "notes":
                own[name] = "\n".join(text.split("\n")[1:])
            else:
                own[name] = _added(text, written.get(name, ""))
        for name in (name for name in self.file.marks if name not in found):
            if name in catalogue().items:
                self.taken.append(f"{name} was taken out of the text; its answer is kept.")
            elif name == "about":
                texts["about"] = ""
                self.taken.append("The description was taken out.")
        sheet = sheet_of(data_of(self.stored) | texts | {
            "answers": {id: {"value": a.value, "note": a.note} for id, a in answers.items()}, "own": own})
        return Read(sheet, tuple(self.taken), tuple(sheet.own))

    def _item(self, id: str, text: str) -> tuple[Answer, str]:
        """The answer as the text has it now, and the lines that are the person's own."""
        old = self.stored.answers.get(id, Answer())
        lines = text.split("\n")
        ticked = ITEM.match(lines[0])[1] != " "
        value, note, own = old.value, old.note, []
        if mark(words_of(lines[0])) != self.heads.get(id, mark(words_of(head(id)))):
            own.append(words_of(lines[0]))
        spoken, at = None, 1
        while at < len(lines):
            given = FIELD.match(lines[at])
            if not given:
                own.append(lines[at])
                at += 1
                continue
            more, at = _continued(lines, at + 1)
            if given[1] == "Answer":
                spoken = plain(given[2]).strip().rstrip(".")
                own += more
            else:
                note = unblock([given[2], *more])
        if spoken is not None and spoken.casefold() not in SPOKEN:
            self.taken.append(f"{id}: the answer {spoken[:40]!r} is none of {', '.join(WRITTEN.values())}; {WRITTEN[value]!r} was kept.")
            own.append(f"Answer: {escaped(spoken)}")
        elif spoken is not None:
            value = SPOKEN[spoken.casefold()]
        if value == old.value and ticked != is_settled(old):
            value = "yes" if ticked and old.value != "na" else "" if not ticked else value
        new = sheet_of({"profile": self.stored.profile, "answers": {id: {"value": value, "note": note}}}).answers.get(id, Answer())
        if new != old:
            changes = [f"{WRITTEN[old.value]} became {WRITTEN[new.value]}"] if new.value != old.value else []
            changes += ["its note was changed"] if new.note != old.note else []
            self.taken.append(f"{id}: taken from the text: {' and '.join(changes)}.")
        return new, "\n".join(own)

    def _title(self, text: str, written: str, texts: dict) -> str:
        """Project, version and date from the lines that carry them; what else was added is the person's own."""
        rest = []
        for line in text.split("\n"):
            given = TITLE_FIELD.match(line)
            if line.startswith(f"# {HEAD}"):
                texts["project"] = plain(line.removeprefix(f"# {HEAD}").removeprefix(":").strip())
            elif given:
                texts[given[1].lower()] = plain(given[2])
            else:
                rest.append(line)
        old = {name: getattr(self.stored, name) for name in texts}
        self.taken += [f"The {name} was taken from the text." for name in texts if texts[name] != old[name]]
        return _added("\n".join(rest), written)


def split(body: str) -> dict[str, str]:
    """The body in its pieces, by the lines that start them. A second piece of a name joins the one before it."""
    stages = {f"## {stage.title}": stage.id for stage in frameworks.atlas().stages.values()}
    starts = stages | {f"## {MISSING_HEAD}": "missing", f"## {NOTES_HEAD}": "notes", f"## {ABOUT_HEAD}": "about"}
    found, name = {}, "title"
    for line in body.split("\n"):
        item = ITEM.match(line)
        start = item[2] if item and item[2] in catalogue().items else starts.get(line.rstrip(), "")
        if start and start not in found:
            name = start
        found.setdefault(name, []).append(line)
    return {name: "\n".join(lines).strip("\n") for name, lines in found.items()}


def head(id: str, ticked: bool = False) -> str:
    """The first line of an item, "- [ ] **S04 Banned uses** (gate). We checked ..."."""
    item = catalogue().items[id]
    kind = "gate" if item.gate else item.weight
    return f"- [{'x' if ticked else ' '}] **{id} {item.title}** ({kind}). {item.statement}"


def words_of(line: str) -> str:
    return re.sub(r"^[-*+] \[[ xX]\] ", "", line).rstrip()


def block(text: str, indent: str) -> str:
    """Typed lines as Markdown that shows them as they are, behind `indent` from the second line on; `unblock` is its inverse."""
    lines = [escaped(line) for line in text.split("\n")]
    broken = [line + ("\\" if line and after else "") for line, after in zip(lines, [*lines[1:], ""], strict=True)]
    return f"\n{indent}".join(broken).replace(f"\n{indent}\n", "\n\n") if indent else "\n".join(broken)


def unblock(lines: list[str]) -> str:
    """The typed text of such lines, in whatever indent."""
    bare = [line.strip() for line in lines]
    hard = [bool(re.search(r"(?<!\\)(?:\\\\)*\\$", line)) for line in bare]
    return "\n".join(plain(line[:-1] if cut else line) for line, cut in zip(bare, hard, strict=True)).strip("\n")


def csv(sheet: Sheet) -> str:
    """One row for each item that is due or answered; nothing in it is a formula."""
    atlas, known, rows = frameworks.atlas(), frameworks.mitigations(), []
    for item in catalogue().items.values():
        answer, due = sheet.answers.get(item.id, Answer()), is_due(item, sheet)
        if due or answer != Answer():
            rows.append(dict(zip(COLUMNS, (
                item.id, atlas.stages[item.stage].title, item.title, "yes" if item.gate else "no", item.weight, "yes" if due else "no",
                STATES[state(answer)], WRITTEN[answer.value], answer.note, item.statement,
                "; ".join(atlas.risks[risk].title for risk in item.risks),
                "; ".join(f"{known[id].title} ({known[id].strength(item.risks)}, {known[id].maturity})" for id in item.mitigations),
                cited(tuple(atlas.references[ref] for ref in item.references))), strict=True)))
    return tables.csv_text(rows, COLUMNS)


def verdict(sheet: Sheet, now: Standing | None = None) -> str:
    """One sentence about the gates: "Not ready: 2 of 3 gates are open (S04, U09)."."""
    now = now or standing(sheet)
    if not now.gates:
        return "No gate applies to this profile."
    many = f"{len(now.gates)} gate" + ("s" if len(now.gates) > 1 else "")
    if now.ready:
        return f"Every gate is passed ({many})." if len(now.gates) > 1 else f"The gate that applies is passed ({now.gates[0]})."
    verb = "is" if len(now.gates_open) == 1 else "are"
    return f"Not ready: {len(now.gates_open)} of {many} {verb} open ({', '.join(now.gates_open)})."


def _title(sheet: Sheet) -> str:
    known = catalogue()
    lines = [f"# {HEAD}" + (f": {escaped(sheet.project)}" if sheet.project else ""), "",
             f"- **Version:** {escaped(sheet.version)}".rstrip(), f"- **Date:** {escaped(sheet.date)}".rstrip(),
             f"- **Profile:** {known.profiles[sheet.profile].title}",
             f"- **What applies:** {'; '.join(known.tags[tag] for tag in sheet.tags)}",
             f"- **Who answers:** {'; '.join(known.roles[role] for role in sheet.roles)}", "",
             f"{known.note} Facts as of {frameworks.day_text(known.as_of)}.", "", HOW]
    return "\n".join(lines)


def _missing(sheet: Sheet, now: Standing) -> str:
    parts = [f"## {MISSING_HEAD}", f"**{verdict(sheet, now)}**"]
    if now.gates_not_due:
        parts.append(f"Gates that do not apply here: {', '.join(now.gates_not_due)}.")
    weighed = [f"{n} {weight}" for weight in WEIGHTS if (n := sum(gap.item.weight == weight for gap in now.gaps))]
    parts.append(f"Open items: {len(now.gaps)} ({', '.join(weighed)})." if now.gaps else "Nothing that applies is open.")
    urgent = [gap for gap in now.gaps if gap.item.gate or gap.state in (*MISSING.values(), "no")]
    parts.append("\n".join(_gap_line(gap) for gap in urgent))
    return "\n\n".join(part for part in parts if part)


def _gap_line(gap: Gap) -> str:
    kind = " (gate)" if gap.item.gate else ""
    helps = [f"  - Helps: {measure.title} ({strength}, {measure.maturity}). {measure.limits[0]}" for measure, strength in gap.measures]
    return "\n".join([f"- {gap.item.id} {gap.item.title}{kind}: {STATES[gap.state]}.", *helps, f"  - See {cited(gap.references)}."])


def cited(references: tuple[Reference, ...]) -> str:
    """"EU AI Act Art. 14 (applies from 2027-12-02); GDPR Art. 22"."""
    known = frameworks.atlas().frameworks
    return "; ".join(f"{known[ref.framework].short} {ref.ref}" + (f" (applies from {ref.applies})" if ref.applies else "")
                     for ref in references)


def _stage(stage: StageStanding) -> str:
    counts = [f"{stage.due} due", f"{stage.answered} answered", f"{stage.shown} shown with evidence"]
    counts += [f"{stage.aside} set aside as not applying" + (", more than a third" if stage.many_aside else "")] if stage.aside else []
    gates = f" Open gates: {', '.join(stage.gates_open)}." if stage.gates_open else ""
    return f"## {frameworks.atlas().stages[stage.stage].title}\n\n{', '.join(counts)}.{gates}"


def _item(id: str, answer: Answer) -> str:
    label = {"na": "Reason", "no": "Note", "unsure": "Note"}.get(answer.value, "Evidence")
    return (f"{head(id, is_settled(answer))}\n  - Answer: {WRITTEN[answer.value]}\n"
            f"  - {label}: {block(answer.note, '    ')}".rstrip())


def _with_own(text: str, own: str) -> str:
    return f"{text}\n\n{own_of(own)}" if own else text


def _continued(lines: list[str], at: int) -> tuple[list[str], int]:
    """The lines from `at` on that Markdown reads as the field's own text: indented, or going on without a line between."""
    found = []
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            rest = next((after for after in lines[at + 1:] if after.strip()), "")
            if not re.match(r"\s{4,}\S", rest) or FIELD.match(rest):
                break
        elif FIELD.match(line) or (found and not found[-1].strip() and not line.startswith("    ")):
            break
        elif not line.startswith("    ") and re.match(r"\s*([-*+>#|]|[0-9]+[.)]\s|```|~~~)", line):
            break
        found.append(line)
        at += 1
    return found, at


def _added(text: str, written: str) -> str:
    """The lines of an edited piece that are not among those that were written."""
    known = {line.strip() for line in written.split("\n") if line.strip()}
    return "\n".join(line for line in text.split("\n") if line.strip() not in known)
