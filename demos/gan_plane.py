"""GAN in the plane: two small networks play, one update at a time, and can be stopped, taken back, turned and broken."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import partial

from demos import _figures as figures
from demos._controls import Choice, Range, Seed, Text
from demos._gan_views import ACTS, WORDS, Story, captions, game_view
from demos._lab import Lab, Moment, Predict, View
from demos._page import lab_tab
from demos._session import Quantity
from genai_core import measuring
from genai_core.gans import zoo
from genai_core.gans.knobs import MOST_UPDATES, Knobs, Segment, segments, story
from genai_core.gans.settings import DATA, DEFAULT, NOISES, STEPS, Settings

RATES = ("0.0001", "0.0002", "0.0005", "0.001", "0.002", "0.005", "0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1.0")
OBJECTIVES = {"minimax": "Minimax", "non_saturating": "Non-saturating", "least_squares": "Least squares",
              "wasserstein_clip": "Wasserstein, weights clipped", "wasserstein_gp": "Wasserstein, gradient penalty",
              "spectral": "Hinge with spectral norm", "r1": "Non-saturating with R1 penalty"}
CHOICES = ("At most 55", "56 to 75", "More than 75")


@dataclass(frozen=True)
class Earlier:
    """Who moved until when, with what: "1200 both d_rate=0.002; 1201 g"; or empty for none."""

    label: str = "Go on from"
    default: str = ""
    longest: int = 2000

    def check(self, value) -> str:
        from genai_core.errors import BadInput

        if not isinstance(value, str) or len(value) > self.longest:
            raise BadInput(f"{self.label}: write at most {self.longest} characters, for example 1200 both g_rate=0.004.")
        return story(segments(value))

    read = check

    def write(self, value: str) -> str:
        return value

    def widget(self, info: str, elem_id: str):
        import gradio as gr

        return gr.Textbox(self.default, label=self.label, info=info, lines=1, max_lines=1, elem_id=elem_id, placeholder="the start")


def rate(label: str, default: float) -> Choice:
    return Choice(label, {value: value for value in RATES}, f"{default:g}")


CONTROLS = {
    "data": Choice("Real points", DATA, "ring"),
    "objective": Choice("Objective", OBJECTIVES, DEFAULT.objective),
    "d_rate": rate("Discriminator's learning rate", DEFAULT.d_rate),
    "g_rate": rate("Generator's learning rate", DEFAULT.g_rate),
    "steps": Range("Updates to play", 100, 20_000, STEPS, 100),
    "optimiser": Choice("Optimiser", {"adam": "Adam", "nadam": "NAdam", "rmsprop": "RMSProp", "sgd": "SGD"}, DEFAULT.optimiser),
    "d_updates": Range("Discriminator's updates", 1, 10, DEFAULT.d_updates),
    "g_updates": Range("Generator's updates", 1, 10, DEFAULT.g_updates),
    "d_layers": Range("Discriminator's layers", 0, 4, DEFAULT.d_layers),
    "g_layers": Range("Generator's layers", 0, 4, DEFAULT.g_layers),
    "strength": Range("Strength of penalty or clipping", 0, 10, DEFAULT.strength, 0.05),
    "width": Choice("Units of a layer", {"8": "8", "14": "14", "32": "32", "64": "64"}, "64"),
    "noise": Choice("Codes", NOISES, "gaussian"),
    "case": Choice("Check a repair of", {name: WORDS[f"case {name}"] for name in ("none", *zoo.CASES)}, "none"),
    "act": Choice("Run does", {name: WORDS[name if name in ("play", "slow") else f"step {name}"] for name in ACTS}, "play"),
    "earlier": Earlier(),
    "points": Text("My own points", "", longest=60_000, lines=3, optional=True),
    "seed": Seed(),
}
IN_VIEW = ("data", "objective", "d_rate", "g_rate", "steps", "seed")
LIVE = ("objective", "d_rate", "g_rate", "optimiser", "d_updates", "g_updates", "d_layers", "g_layers", "strength")


def knobs_of(controls: dict) -> Knobs:
    given = {f.name: controls[f.name] for f in fields(Knobs)}
    return Knobs(**given | {name: float(given[name]) for name in ("d_rate", "g_rate", "strength")})


def settings_of(*, data, seed, noise, width, points, act, earlier, steps, case, **knobs) -> Settings:
    """The controls' values as the core's Settings; BadInput where they do not go together."""
    before, now = segments(earlier), knobs_of(knobs)
    at = before[-1].until if before else 0
    more = {"play": min(steps, max(1, MOST_UPDATES - at)), "d": 1, "g": 1}.get(act, now.d_updates + now.g_updates)
    part = Segment(at + more, act if act in ("d", "g") else "both", now)
    return Settings(data, seed, noise, int(width), (*before, part), points if data == "own" else "")


def controls_of(settings: Settings, case: str) -> dict:
    """A preset as the controls' values."""
    part = settings.parts[-1]
    knobs = {f.name: getattr(part.knobs, f.name) for f in fields(Knobs)}
    knobs |= {name: RATES[[float(r) for r in RATES].index(knobs[name])] for name in ("d_rate", "g_rate")}
    return {"data": settings.data, "noise": settings.noise, "width": str(settings.width), "steps": part.until, "case": case, **knobs}


def presets() -> dict[str, dict]:
    return {"none": controls_of(Settings(), "none"), **{name: controls_of(case.settings, name) for name, case in zoo.CASES.items()}}


def measured() -> dict:
    """Figures over ten seeds, as measured last; none where they never were."""
    try:
        return measuring.read("gan_plane")["figures"]
    except FileNotFoundError:
        return {}


def run(*, memory, **controls) -> Iterator[Moment]:
    """Moments of a live run. memory: this visit's states, its last table, and what is turned while it runs."""
    from genai_core.gans import drawn, plane

    settings, case = settings_of(**controls), controls["case"]
    turned = memory["turned"] = deque(maxlen=1)
    old, broken = memory.get("last"), memory.get(f"broken {case}")
    if controls["act"] == "slow":
        yield from slow(settings, case, memory)
        return
    scene, rows, now = drawn.scene(settings), (), settings
    started = settings.began if settings.began and old and old[0].lineage(settings.began) == settings.lineage(settings.began) else 0
    ghost = old[1] if started else ()

    def wish() -> Knobs | None:
        return knobs_of({**controls, **turned.pop()}) if turned else None

    try:
        for frame in plane.run(settings, memory, wish):
            rows, now = frame.rows, frame.settings
            told = Story(now, scene, case, broken, ghost, started, presets(), measured())
            yield Moment(frame.index, now.steps, partial(look, told, drawn.saved(frame.game, now), rows, controls))
    finally:
        if rows:
            memory["last"] = (now, rows)
            if case != "none" and rows[-1]["update"] == now.steps and not zoo.changed(now, zoo.CASES[case]):
                memory[f"broken {case}"] = rows[-1]


def look(told: Story, frame: dict, rows, controls: dict) -> View:
    """The view; with what a link must say where something was turned on the way."""
    view = told.view(frame, rows)
    first = settings_of(**controls)
    if told.settings.parts == first.parts:
        return view
    *before, last = told.settings.parts
    before = before or [Segment(0, "both", last.knobs)]
    knobs = {f.name: getattr(last.knobs, f.name) for f in fields(Knobs)}
    knobs |= {name: next(r for r in RATES if float(r) == knobs[name]) for name in ("d_rate", "g_rate")}
    steps = last.until - before[-1].until
    return View(view.pictures, view.words, view.numbers, view.rows, knobs | {"earlier": story(before), "steps": steps})


def slow(settings: Settings, case: str, memory) -> Iterator[Moment]:
    """Catch up with the moment, then one turn in slow motion: every sub-step a frame of the film."""
    from genai_core.gans import drawn, plane

    scene, rows = drawn.scene(settings), ()
    at = settings.steps - sum((settings.parts[-1].knobs.d_updates, settings.parts[-1].knobs.g_updates))
    points = plane.real_points(settings)
    game = plane.new_game(settings, points)
    if at:
        until = settings.cut(at, ())
        for frame in plane.run(until, memory):
            game, rows = frame.game, frame.rows
            yield Moment(frame.index, settings.steps, partial(Story(until, scene, case, presets=presets()).view,
                                                              drawn.saved(game, until), rows))
    if settings.parts[-1].knobs != game.knobs:
        game.turn(settings.parts[-1].knobs)
    stages = []
    for who in "dg":
        repeats = getattr(settings.parts[-1].knobs, f"{who}_updates")
        for k in range(repeats):
            if k == 0:
                stages += list(drawn.slowly(game, settings, who))
            else:
                game.update(who)
    row = {"update": game.index, **plane.measured(game, plane.fresh_points(settings, points), settings.data == "ring")}
    told = Story(settings, scene, case, began=at, presets=presets(), measured=measured())
    yield Moment(settings.steps, settings.steps,
                 partial(told.view, drawn.saved(game, settings), (*rows, row), (), captions(stages)))


def replay(recording) -> View:
    """The recorded run at its end, with its film."""
    told = Story(Settings(), recording.scene, presets=presets(), measured=measured())
    return told.view(recording.frames[-1], recording.rows, recording.frames)


def verdict(shown: dict[str, Quantity]) -> str:
    """Which guess came true."""
    if "accuracy_share" not in shown:
        return WORDS["no calls"]
    right = round(100 * shown["accuracy_share"].value)
    return CHOICES[0] if right <= 55 else CHOICES[1] if right <= 75 else CHOICES[2]


def notebook(**controls) -> dict:
    from genai_core.gans.export import notebook as made

    return made(settings_of(**controls))


def sources() -> tuple:
    """What ran, for "Under the hood": every loss with its formula, then the game."""
    from genai_core.gans import objectives as o
    from genai_core.gans.game import Game

    return (o.minimax_critic, o.minimax_generator, o.non_saturating_generator, o.least_squares_critic, o.least_squares_generator,
            o.wasserstein_critic, o.wasserstein_generator, o.hinge_critic, o.gradient_penalty, o.zero_centred_penalty, o.clip,
            o.spectrally_normed, Game.update)


LAB = Lab(controls=CONTROLS, run=run, pictures={"game": game_view, "curves": figures.curves_view},
          more=tuple(name for name in CONTROLS if name not in IN_VIEW), predict=Predict(CHOICES, verdict), sources=sources,
          replay=replay, notebook=notebook, picks=("game",), live=LIVE, remembers=True, unit="update")
TAB = lab_tab("Learn", 40, "GAN in the plane", LAB)
