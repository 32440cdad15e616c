"""What a contest of the families is run with. No torch here: the page reads it too."""

from dataclasses import dataclass

from genai_core.errors import BadInput

FAMILIES = {"mixture": "Mixture (EM)", "autoencoder": "Autoencoder", "vae": "VAE", "gan": "GAN", "diffusion": "Diffusion"}
DIGITS = "strokes"       # the one data set of pictures; the others are points in the plane
DATA = ("ring", "two_moons", "spiral", DIGITS)
PACES = ("clock", "fixed")
BALANCES = (0.25, 4.0)
SECONDS = (1, 9)         # for each family: five of them and their looks stay within a minute
DIGITS_SECONDS = 60             # the same for digits, from the command line: what is recorded
LOOKS = 10               # at each family while it learns
# With pace "fixed", the updates that stand for a second: about what one core of a server does. Same numbers everywhere.
UPDATES_PER_SECOND = {"mixture": 400, "autoencoder": 800, "vae": 800, "gan": 600, "diffusion": 700}


@dataclass(frozen=True)
class Settings:
    """data: one of DATA. seconds: of learning, for each family. pace: "clock", seconds as they pass, or "fixed", as many
    updates as UPDATES_PER_SECOND says (digits: digit_learners.UPDATES), so that numbers repeat to the last bit. balance: the
    GAN's discriminator's learning rate as a multiple of the generator's. seed: of everything. Raises BadInput."""

    data: str = "ring"
    seconds: float = 6
    pace: str = "clock"
    balance: float = 2.0
    seed: int = 0

    def __post_init__(self):
        for what, given, names in (("data set", self.data, DATA), ("pace", self.pace, PACES)):
            if given not in names:
                raise BadInput(f"There is no {what} {str(given)[:40]!r}; choose one of {', '.join(names)}.")
        low, high = SECONDS[0], DIGITS_SECONDS if self.digits else SECONDS[1]
        if not low <= self.seconds <= high:
            raise BadInput(f"Seconds for each family: {self.seconds:g} is out of range; it goes from {low} to {high}.")
        if not BALANCES[0] <= self.balance <= BALANCES[1]:
            raise BadInput(f"Discriminator's rate: {self.balance:g} is out of range; it goes from {BALANCES[0]:g} to {BALANCES[1]:g}.")
        if not 0 <= self.seed < 2**31:
            raise BadInput(f"Seed: {self.seed} is out of range; it goes from 0 to {2**31 - 1}.")

    @property
    def digits(self) -> bool:
        """Whether pictures of digits are learnt, not points."""
        return self.data == DIGITS

    @property
    def long(self) -> bool:
        """Whether it is too long for the page: digits, to be recorded, and looked at as closely as is told."""
        return self.seconds > SECONDS[1]
