"""What can be turned in the game, and the story of a run as text: who moved until when, with what. No torch here."""

from dataclasses import dataclass, fields, replace

from genai_core.errors import BadInput

OBJECTIVE_NAMES = ("minimax", "non_saturating", "least_squares", "wasserstein_clip", "wasserstein_gp", "spectral", "r1")
OPTIMISERS = ("adam", "nadam", "rmsprop", "sgd")
WHO = ("both", "d", "g")
LIMITS = {"d_rate": (1e-5, 1.0), "g_rate": (1e-5, 1.0), "d_layers": (0, 4), "g_layers": (0, 4), "d_updates": (1, 10),
          "g_updates": (1, 10), "strength": (0.0, 100.0)}
WIDTHS = (4, 128)
MOST_UPDATES, MOST_SEGMENTS = 40_000, 40


@dataclass(frozen=True)
class Knobs:
    """Everything that may change while the game is on. Raises BadInput.

    d_rate, g_rate: learning rates. d_layers, g_layers: hidden layers, 0 to 4; a change starts that player afresh.
    d_updates, g_updates: of one turn. strength: of the penalty or the clipping; 0 takes the objective's own.
    """

    objective: str = "non_saturating"
    optimiser: str = "adam"
    d_rate: float = 0.001
    g_rate: float = 0.001
    d_layers: int = 2
    g_layers: int = 2
    d_updates: int = 1
    g_updates: int = 1
    strength: float = 0.0

    def __post_init__(self):
        one_of("objective", self.objective, OBJECTIVE_NAMES)
        one_of("optimiser", self.optimiser, OPTIMISERS)
        for name, limits in LIMITS.items():
            within(name.replace("_", " "), getattr(self, name), limits)


@dataclass(frozen=True)
class Segment:
    """A part of a run: `who` moves until the game has had `until` updates, with these knobs."""

    until: int
    who: str
    knobs: Knobs


def one_of(what: str, given, names) -> None:
    if given not in names:
        raise BadInput(f"There is no {what} {str(given)[:40]!r}; choose one of {', '.join(names)}.")


def within(what: str, given, limits) -> None:
    if not limits[0] <= given <= limits[1]:
        raise BadInput(f"{what.capitalize()}: {given:g} is out of range; it goes from {limits[0]:g} to {limits[1]:g}.")


def story(segments) -> str:
    """Segments as text: "1200 both; 1201 d g_rate=0.004". Each names what it changes; the first, what is not the default."""
    told, before = [], Knobs()
    for part in segments:
        changes = [f"{f.name}={getattr(part.knobs, f.name)}"
                   for f in fields(Knobs) if getattr(part.knobs, f.name) != getattr(before, f.name)]
        told.append(" ".join([str(part.until), part.who, *changes]))
        before = part.knobs
    return "; ".join(told)


def segments(text: str) -> tuple[Segment, ...]:
    """What `story` wrote, read again; BadInput with an example for what it cannot have written."""
    found, knobs, since = [], Knobs(), 0
    pieces = [piece.strip() for piece in text.split(";") if piece.strip()]
    if len(pieces) > MOST_SEGMENTS:
        raise BadInput(f"Go on from: {len(pieces)} parts are too many; at most {MOST_SEGMENTS} are read.")
    for piece in pieces:
        words = piece.split()
        try:
            until, who = int(words[0]), words[1]
            given = dict(word.split("=") for word in words[2:])
            values = {name: _value(name, value) for name, value in given.items()}
        except (ValueError, IndexError, KeyError):
            raise BadInput(f"Go on from: {piece[:40]!r} cannot be read; write for example 1200 both g_rate=0.004.") from None
        one_of("player", who, WHO)
        if not since < until <= MOST_UPDATES:
            raise BadInput(f"Go on from: {piece[:40]!r} must end after update {since:,} and at most at {MOST_UPDATES:,}.")
        knobs, since = replace(knobs, **values), until
        found.append(Segment(until, who, knobs))
    return tuple(found)


def _value(name: str, text: str):
    kind = {f.name: f.type for f in fields(Knobs)}[name]
    return kind(text)
