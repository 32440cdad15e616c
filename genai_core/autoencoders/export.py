"""A run of the lab as a notebook with its data inside: it needs torch, torchvision, numpy and matplotlib, and nothing of ours.

The code in it is the code that ran, cut out by genai_core.excerpt; it ends in the numbers that the lab showed.
"""

import base64
import textwrap

import torch

from genai_core.autoencoders.few_labels import REPEATS, Labels
from genai_core.autoencoders.settings import TASKS, Settings
from genai_core.autoencoders.uses import AT_K, FOUND, QUERIES, SHELF, Odd, Use
from genai_core.excerpt import excerpt

HERE = "genai_core.autoencoders"
ACROSS, WIDTH = 100, 120
TITLE = """# Autoencoders: {task}

{what}

Run all cells: the numbers at the end are those of the lab, on the same kind of processor to the last bit. Needs torch,
torchvision, numpy and matplotlib; the data are inside."""
SETUP = """import base64

import matplotlib.pyplot as plt
import numpy as np
from torchvision.io import decode_png

torch.set_num_threads(1)  # as in the lab: with more threads sums are taken in another order"""
OPEN = """def pictures_in(text, number, size):
    \"\"\"-> (number, 1, size, size), uint8\"\"\"
    sheet = decode_png(torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.uint8))[0]
    return sheet.view(-1, size, {across}, size).transpose(1, 2).reshape(-1, 1, size, size)[:number].contiguous()


def labels_in(text):
    \"\"\"-> (N,)\"\"\"
    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.uint8).long()"""
LEARN = """model = build(lambda: DigitAutoencoder(**MODEL), SEED)
history = []
for progress in learn(model, pictures, EPOCHS, SEED):
    history.append(progress)
    if progress.epoch:
        print("epoch", progress.epoch, "squared error", progress.error)"""
DRAW = """with torch.no_grad():
    back = model.decode(model.encode(held[:10]))
figure, rows = plt.subplots(2, 10, figsize=(10, 2.4))
for column, (before, after) in enumerate(zip(held[:10], back)):
    rows[0, column].imshow(before[0], cmap="gray_r")
    rows[1, column].imshow(after[0], cmap="gray_r", vmin=0, vmax=1)
for axes in rows.flat:
    axes.axis("off")
plt.show()"""
END = """found = {"loss": history[-1].loss, "held_out_error": squared_error(model, held)}"""
POINTS = """model = build(lambda: PointDenoiser(spread=SPREAD), SEED)
history = [step.losses["loss"] for step in train(model, pictures, {updates}, SEED, Knobs(batch={batch}, rate=2e-3))]
with torch.no_grad():
    arrows = model.arrows(judged)
found = {{"loss": sum(history[-{last}:]) / {last}, **agreement(arrows, score_arrows)}}"""
DRAW_POINTS = """plt.figure(figsize=(6, 6))
plt.scatter(*np.asarray(pictures[:500]).T, s=3, color="0.7")
plt.quiver(*np.asarray(judged[:200]).T, *np.asarray(arrows[:200]).T, angles="xy", scale_units="xy", scale=1)
plt.axis("equal")
plt.show()"""
# task: (what it stands on, the code of its own numbers)
USES = {
    "reconstruct": ((), ""),
    "compress": (("compression.rates", "compression.Components", "compression.enough"), """
seen = pictures[:2000]
need = enough(rates(model, seen, held))
by_pca = {rate.bits: rate for rate in rates(Components(pictures, MODEL["bottleneck"]), seen, held)}
found |= {"bits_per_number": need.bits, "bytes_per_picture": need.size, "error_at_that_size": need.error,
          "pca_error_at_that_size": by_pca[need.bits].error}"""),
    "similar": (("retrieval.nearest", "retrieval.precision"), f"""
with torch.no_grad():
    by_code = nearest(model.encode(held[:{QUERIES}]), model.encode(pictures[:{SHELF}]), {FOUND})
by_pixels = nearest(held[:{QUERIES}].flatten(1).float(), pictures[:{SHELF}].flatten(1), {FOUND})
for name, hits in (("code", by_code), ("pixels", by_pixels)):
    found[f"{{name}}_precision_at_{AT_K}"] = precision(labels[hits], held_labels[:{QUERIES}])[:, {AT_K - 1}].mean().item()"""),
    "odd": (("anomaly.roc", "anomaly.area", "anomaly.misfits"), """
found["misfit_auc"] = area(*roc(misfits(model, held), held_labels == LEFT_OUT))"""),
    "labels": (("pretraining.fits", "pretraining.chosen", "pretraining.accuracy"), f"""
right = {{"pretrained": [], "scratch": []}}
for k in range({REPEATS}):
    rows = chosen(labels, LABELS, SEED + k)
    fresh = build(lambda: DigitAutoencoder(**MODEL), SEED + 1 + k)
    for name, start in (("pretrained", model), ("scratch", fresh)):
        *_, reader = fits(start, pictures[rows], labels[rows], SEED + k)
        right[name].append(accuracy(reader, held, held_labels))
found |= {{f"{{name}}_accuracy": sum(shares) / len(shares) for name, shares in right.items()}}"""),
    "new": ((), """
drawn = model.sample(10, rng(222))  # random codes
figure, row = plt.subplots(1, 10, figsize=(10, 1.2))
for axes, picture in zip(row, drawn):
    axes.imshow(picture[0], cmap="gray_r", vmin=0, vmax=1)
    axes.axis("off")
plt.show()"""),
}


def _inline(name: str, data: bytes, how: str) -> str:
    """A line of code that makes `name` from data; how: with TEXT for its base64."""
    text = "\n".join(textwrap.wrap(base64.b64encode(data).decode("ascii"), WIDTH))
    return f"{name} = " + how.replace("TEXT", f'"""{text}"""')


def _sheet(pictures: torch.Tensor) -> bytes:
    """Pictures (N, 1, S, S), uint8, 100 in a row, the last row filled up with black, as one PNG."""
    import io

    from PIL import Image

    size, rows = pictures.shape[-1], -(-len(pictures) // ACROSS)
    whole = torch.zeros(rows * ACROSS, 1, size, size, dtype=torch.uint8)
    whole[:len(pictures)] = pictures
    file = io.BytesIO()
    Image.fromarray(whole.view(rows, ACROSS, size, size).transpose(1, 2).reshape(rows * size, ACROSS * size).numpy()).save(file, "png")
    return file.getvalue()


def _pictures(name: str, pictures: torch.Tensor) -> str:
    return _inline(name, _sheet(pictures), f"pictures_in(TEXT, {len(pictures)}, {pictures.shape[-1]})")


def _points(name: str, points: torch.Tensor) -> str:
    how = "torch.frombuffer(bytearray(base64.b64decode(TEXT)), dtype=torch.float32).view(-1, 2).clone()"
    return _inline(name, points.contiguous().numpy().astype("<f4").tobytes(), how)


def _picture_cells(s: Settings) -> tuple[list, list, list]:
    """(things to cut out, data cells, cells after the code)"""
    use = {"odd": Odd, "labels": Labels}.get(s.task, Use)(s)
    stands_on, code = USES[s.task]
    things = [("genai_core.runtime", "rng"), ("genai_core.runtime", "build"), ("genai_core.models.digit_autoencoder", "DigitAutoencoder"),
              (f"{HERE}.learning", "learn"), ("genai_core.course", "squared_error"),
              *((f"{HERE}.{place.partition('.')[0]}", place.partition(".")[2]) for place in stands_on)]
    data = [OPEN.format(across=ACROSS), _pictures("pictures", use.to_learn), _pictures("held", use.held.pictures)]
    if s.task in ("similar", "odd", "labels"):
        as_bytes = [t.to(torch.uint8).numpy().tobytes() for t in (use.learnt.labels, use.held.labels)]
        data.append(_inline("labels", as_bytes[0], "labels_in(TEXT)") + "\n" + _inline("held_labels", as_bytes[1], "labels_in(TEXT)"))
    if s.task == "odd":
        data[-1] += "\nlabels = labels[labels != LEFT_OUT]"
    told = f"SEED, EPOCHS = {s.seed}, {s.epochs}\nMODEL = {s.model(use.learnt.size)!r}\nLEFT_OUT, LABELS = {s.digit}, {s.labels}"
    what = f"{len(use.to_learn):,} pictures of {use.learnt.title} ({use.learnt.source}), {s.epochs} epochs, seed {s.seed}."
    return things, [what, told, *data], [LEARN, DRAW, END + code + "\nprint(found)"]


def _point_cells(s: Settings) -> tuple[list, list, list]:
    from genai_core import runtime
    from genai_core.autoencoders import denoising, scores

    where, true = scores.judged(s.shape, s.spread)
    things = [("genai_core.runtime", "build"), ("genai_core.models.point_denoiser", "PointDenoiser"), ("genai_core.training", "train"),
              (f"{HERE}.scores", "agreement")]
    data = [_points("pictures", scores.points(s.shape, scores.POINTS, runtime.rng(s.seed))),
            _points("judged", where) + "\n" + _points("score_arrows", true)]
    what = f"{scores.POINTS:,} points of the shape {s.shape}, noise of deviation {s.spread:g}, seed {s.seed}."
    last = scores.UPDATES % denoising.EVERY or denoising.EVERY  # as the lab's table: the mean since the row before
    ends = [POINTS.format(updates=scores.UPDATES, batch=scores.BATCH, last=last), DRAW_POINTS, "print(found)"]
    return things, [what, f"SEED, SPREAD = {s.seed}, {float(s.spread)!r}", *data], ends


def cells(s: Settings) -> list[tuple[str, str]]:
    """(kind, text) of each cell. kind: "markdown" or "code"."""
    things, (what, told, *data), ends = _point_cells(s) if s.task == "points" else _picture_cells(s)
    code = excerpt(*things)
    chapters = [pair for _, about, text in code.chapters if text for pair in (("markdown", f"## {about}"), ("code", text))]
    return [("markdown", TITLE.format(task=TASKS[s.task].lower(), what=what)), ("code", "\n".join(code.imports) + "\n\n" + SETUP),
            *chapters, ("markdown", "## Settings and data"), ("code", told), *(("code", text) for text in data),
            ("markdown", "## Learn"), *(("code", text) for text in ends)]


def notebook(s: Settings) -> dict:
    """The run as an nbformat 4 notebook; checked against the format's own schema."""
    import nbformat
    from nbformat import v4

    make = {"markdown": v4.new_markdown_cell, "code": v4.new_code_cell}
    made = [make[kind](text) for kind, text in cells(s)]
    for k, cell in enumerate(made):
        cell["id"] = f"cell-{k}"  # the format's random names would make every export differ
    book = v4.new_notebook(cells=made, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                                                 "language_info": {"name": "python"}})
    nbformat.validate(book)
    return book
