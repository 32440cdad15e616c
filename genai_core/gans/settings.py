"""What fixes a run of the game in the plane: its data, its seed, and who moved when with which knobs. No torch here."""

from dataclasses import dataclass

from genai_core.errors import BadInput
from genai_core.gans.knobs import MOST_UPDATES, WIDTHS, Knobs, Segment, one_of, within

DATA = {"ring": "Ring of eight", "two_moons": "Two moons", "spiral": "Spiral", "pinwheel": "Pinwheel",
        "checkerboard": "Checkerboard", "own": "My own points", "dirac": "One point (Dirac-GAN)"}
NOISES = {"gaussian": "2 numbers from N(0, 1)", "uniform": "2 numbers from -1 to 1", "line": "1 number from -1 to 1",
          "gaussian_8": "8 numbers from N(0, 1)"}
WIDTH, STEPS = 64, 6_000
DEFAULT = Knobs(d_rate=0.002, g_rate=0.001)


@dataclass(frozen=True)
class Settings:
    """data: a name in DATA. points: CSV text where data is "own". seed: of every draw. noise: a name in NOISES.

    width: units of each hidden layer. parts: the run's segments in order; the last says where it ends. Raises BadInput.
    """

    data: str = "ring"
    seed: int = 0
    noise: str = "gaussian"
    width: int = WIDTH
    parts: tuple[Segment, ...] = (Segment(STEPS, "both", DEFAULT),)
    points: str = ""

    def __post_init__(self):
        one_of("data set", self.data, DATA)
        one_of("noise", self.noise, NOISES)
        within("width", self.width, WIDTHS)
        within("seed", self.seed, (0, 2**31 - 1))
        within("updates", self.steps, (1, MOST_UPDATES))
        merged: list[Segment] = []
        for part in self.parts:  # a cut that changes nothing is none
            if merged and part.until <= merged[-1].until:
                raise BadInput(f"Going on from update {merged[-1].until:,} leaves nothing to do up to {part.until:,}.")
            if merged and (merged[-1].who, merged[-1].knobs) == (part.who, part.knobs):
                merged.pop()
            merged.append(part)
        object.__setattr__(self, "parts", tuple(merged))

    @property
    def steps(self) -> int:
        return self.parts[-1].until

    @property
    def began(self) -> int:
        """The update that the last part begins after."""
        return self.parts[-2].until if len(self.parts) > 1 else 0

    def part_at(self, done: int) -> Segment:
        """The part that the update after `done` finished ones belongs to."""
        return next(part for part in self.parts if done < part.until)

    def mover(self, done: int) -> str:
        """Whose update follows `done` finished ones, "d" or "g": within a turn the discriminator's updates come first."""
        part = self.part_at(done)
        if part.who != "both":
            return part.who
        turn = (part.knobs.d_updates, part.knobs.g_updates)
        start = 0
        for earlier in self.parts:  # a turn that has begun goes on where only other knobs are turned
            if earlier.until > done:
                break
            if earlier.who != "both" or (earlier.knobs.d_updates, earlier.knobs.g_updates) != turn:
                start = earlier.until
        return "d" if (done - start) % sum(turn) < turn[0] else "g"

    def lineage(self, index: int) -> tuple:
        """All that the game after `index` updates depends on: equal lineages have equal numbers."""
        before = [Segment(min(p.until, index), p.who, p.knobs) for k, p in enumerate(self.parts)
                  if index and (k == 0 or self.parts[k - 1].until < index)]
        fixed = (self.data, self.points if self.data == "own" else "", self.seed, self.noise, self.width)
        return (*fixed, tuple(before), index)

    def cut(self, index: int, then: tuple[Segment, ...]) -> "Settings":
        """The same run up to `index` updates, and other parts from there on."""
        before = self.lineage(index)[-2]
        return Settings(self.data, self.seed, self.noise, self.width, (*before, *then), self.points)
