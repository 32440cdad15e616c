"""A run on points as a notebook that runs by itself: torch, numpy and matplotlib, and the very functions that ran here."""

from genai_core.diffusion.experiment import PICTURES, SAMPLE_SEED, SAMPLES, Settings
from genai_core.errors import BadInput
from genai_core.excerpt import excerpt

TITLE = """# Diffusion

{what} Seed {seed}. Run all cells: on one thread and the same kind of processor the numbers are those of the lab, to the last bit.
Needs torch, numpy and matplotlib, and nothing else."""
WHATS = {"forward": "Points dissolve in noise.", "train": "A network learns to take noise off points.",
         "reverse": "A network learns to take noise off points, and a sampler makes points out of noise.",
         "calls": "A network learns to take noise off points, and a sampler spends a given number of its calls."}
LOAD = """def load(name, seed, n=2000):
    \"\"\"n points, the same for the same seed.\"\"\"
    return {name}(n, rng(seed))"""
LEARN = """asked = SimpleNamespace(**SETTINGS)
history = []
for update, net, loss in fitted(asked):
    history.append(loss)
print("update", update, "loss", history[-1])"""
EXACT = """asked = SimpleNamespace(**SETTINGS)
denoise = of(asked.data).denoise  # the best possible answer: nothing is learnt"""
TRAINED = "denoise = denoiser(net.requires_grad_(False), asked.target)"
WALK = """how, stream = sampler(asked.sampler, asked.eta), rng(asked.seed + {seed})
at = levels(chain(asked.schedule, asked.length), how, asked.calls)
with torch.no_grad():
    for step in walk(denoise, start(({n}, 2), float(at[0]), stream), at, how, stream):
        pass
drawn = step.x_after
distance = energy_distance(drawn.float(), load(asked.data, {reference}, {n}))
print(step.calls, "network calls; distance from fresh data", distance)"""
SAMPLE = """with torch.no_grad():
    drawn = net.sample({n}, rng({seed}), calls={calls})
distance = energy_distance(drawn.float(), load(asked.data, {reference}, {n}))
print("distance from fresh data", distance)"""
FORWARD = """asked = SimpleNamespace(**SETTINGS)
points, noise = load(asked.data, asked.seed, {n}), torch.randn({n}, 2, generator=rng(asked.seed + 1))
given = chain(asked.schedule, asked.length)
print("terminal signal-to-noise ratio", given.terminal_snr)
drawn = noisy(points, noise, given.alpha_bar[-1]).float()
figure, squares = plt.subplots(1, 4, figsize=(16, 4))
for square, t in zip(squares, torch.linspace(0, asked.length - 1, 4).round().long().tolist()):
    square.scatter(*noisy(points, noise, given.alpha_bar[t]).T, s=4)
    square.set(title=f"t = {{t + 1}}", aspect="equal", xlim=(-3, 3), ylim=(-3, 3))
plt.show()"""
DRAW = """figure, square = plt.subplots(figsize=(5, 5))
square.scatter(*load(asked.data, asked.seed, {n}).T, s=4, color="0.6", label="data")
square.scatter(*drawn.T, s=6, label="drawn")
square.set(aspect="equal", xlim=(-2.7, 2.7), ylim=(-2.7, 2.7))
square.legend(loc="upper right")
plt.show()"""


def cells(asked: Settings) -> list[tuple[str, str]]:
    """(kind, text) of each cell; kind: "markdown" or "code"."""
    from genai_core.diffusion.experiment import LOOK_CALLS, REFERENCE_SEED

    if asked.part == "latent" or asked.data == PICTURES:
        raise BadInput("A notebook is written for points, which need no weights. Digits: python -m genai_core train diffusion "
                       "--data strokes; latents: the notebook of “Words to picture”.")
    exact = asked.denoiser == "exact" and asked.part in ("reverse", "calls")
    here = "genai_core.diffusion"
    things = [("genai_core.runtime", "rng"), ("genai_core.data.points", asked.data), (f"{here}.schedule", "chain")]
    if asked.part == "forward":
        things.append((f"{here}.targets", "noisy"))
    else:
        things.append(("genai_core.metrics", "energy_distance"))
        things.append((f"{here}.exact", "of") if exact else (f"{here}.experiment", "fitted"))
        things += [(f"{here}.samplers", name) for name in ("sampler", "levels", "start", "walk", "denoiser")]
    load = LOAD.format(name=asked.data)
    code = excerpt(*things, ("genai_core.data", "load"), given={("genai_core.data", "load"): load})
    kept = ("data", "schedule", "length", "target", "updates", "sampler", "calls", "eta", "seed")
    chosen = ",\n            ".join(f"{name!r}: {getattr(asked, name)!r}" for name in kept)
    imports = sorted({*code.imports, "import matplotlib.pyplot as plt", "import torch", "from types import SimpleNamespace"})
    imports.sort(key=lambda line: not line.startswith("from __future__"))
    numbers = {"n": SAMPLES, "seed": SAMPLE_SEED, "reference": REFERENCE_SEED, "calls": LOOK_CALLS}
    written = [("markdown", TITLE.format(what=WHATS[asked.part], seed=asked.seed)),
               ("code", "\n".join(imports) + "\n\ntorch.set_num_threads(1)  # with more threads sums are taken in another order"),
               ("markdown", "## Settings"), ("code", f"SETTINGS = {{{chosen}}}")]
    for module, said, text in code.chapters:
        if text:
            written += [("markdown", f"## {said or module}\n`{module.replace('.', '/')}.py`"), ("code", text)]
    if asked.part == "forward":
        return [*written, ("markdown", "## Dissolve"), ("code", FORWARD.format(**numbers))]
    written += [("markdown", "## Learn"), ("code", EXACT if exact else LEARN)]
    if asked.part == "train":
        written += [("markdown", "## Draw"), ("code", SAMPLE.format(**numbers))]
    else:
        written += [("markdown", "## Go back"), ("code", ("" if exact else TRAINED + "\n") + WALK.format(**numbers))]
    return [*written, ("markdown", "## Look"), ("code", DRAW.format(**numbers))]


def notebook(asked: Settings) -> dict:
    """The run as an nbformat 4 notebook, checked against the format's own schema."""
    import nbformat
    from nbformat import v4

    make = {"markdown": v4.new_markdown_cell, "code": v4.new_code_cell}
    made = [make[kind](text) for kind, text in cells(asked)]
    for k, cell in enumerate(made):
        cell["id"] = f"cell-{k}"  # the format's random names would make every export differ
    book = v4.new_notebook(cells=made, metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}})
    nbformat.validate(book)
    return book
