"""A run as a notebook that runs by itself: torch, torchvision, numpy and matplotlib, its pictures inside."""

import base64
import io

import numpy as np

from genai_core.excerpt import excerpt
from genai_core.latents.experiment import SAMPLE_SEED, learnt_from
from genai_core.latents.settings import BATCH, Settings

ACROSS = 100  # pictures side by side on the sheet that holds them
TITLE = """# Variational autoencoder

{data}: {n:,} pictures, {network}, {latent} numbers in a code, beta {beta:g}. Seed {seed}, {epochs} epochs.

Run all cells: the losses are those of the lab (on one thread and the same kind of processor, to the last bit). Needs torch,
torchvision, numpy and matplotlib, and nothing else; the pictures are inside."""
READ = """sheet = decode_png(torch.frombuffer(bytearray(base64.b64decode(PICTURES)), dtype=torch.uint8))[0]  # all on one sheet
pictures = sheet.view(-1, SIZE, {across}, SIZE).transpose(1, 2).reshape(-1, 1, SIZE, SIZE)[:{n}]"""
BUILD = "model, stream = build(lambda: DigitVAE(**MODEL), SEED), None"
SLIDE = "model, stream = lecture_vae(SEED)  # weights, order and noise: what the lecture's own code draws after manual_seed"
LEARN = """
history = []
for epoch in epochs(model, pictures, EPOCHS, SEED, knobs(RATE, BATCH, summed=stream is not None), WARMUP, stream=stream):
    history.append({"loss": epoch.loss, **epoch.notes})
    print(f"epoch {epoch.index}: " + ", ".join(f"{name} {value:.4f}" for name, value in history[-1].items()))"""
LOOK = """figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5))
drawn = model.sample(64, rng({seed}))[:, 0]
left.imshow(drawn.view(8, 8, SIZE, SIZE).transpose(1, 2).reshape(8 * SIZE, 8 * SIZE), cmap="gray")
left.set(title="drawn from random codes", xticks=[], yticks=[])
for name in history[0]:
    right.plot(range(1, EPOCHS + 1), [told[name] for told in history], label=name)
right.set(xlabel="epoch", ylabel="nats per picture", ylim=(0, None))
right.legend()
plt.show()"""
END = """print(f"loss of the last epoch: {history[-1]['loss']:.6f} nats per picture")"""


def inline(pictures) -> str:
    """Pictures (N, 1, S, S) uint8 on one sheet, 100 in a row, as base64 of a PNG, in lines."""
    from PIL import Image

    pixels = np.asarray(pictures)[:, 0]
    size, rows = pixels.shape[-1], -(-len(pixels) // ACROSS)
    whole = np.zeros((rows * ACROSS, size, size), np.uint8)
    whole[:len(pixels)] = pixels
    sheet = whole.reshape(rows, ACROSS, size, size).transpose(0, 2, 1, 3).reshape(rows * size, ACROSS * size)
    out = io.BytesIO()
    Image.fromarray(sheet).save(out, "png", optimize=True)
    text = base64.b64encode(out.getvalue()).decode("ascii")
    return "\n".join(text[k:k + 120] for k in range(0, len(text), 120))


def cells(settings: Settings) -> list[tuple[str, str]]:
    """(kind, text) of each cell; kind: "markdown" or "code"."""
    data = learnt_from(settings)
    slide = [("genai_core.course", "lecture_vae")] if settings.lecture else []
    code = excerpt(("genai_core.course", "epochs"), ("genai_core.course", "knobs"), *slide, ("genai_core.models.digit_vae", "DigitVAE"),
                   ("genai_core.runtime", "build"), ("genai_core.runtime", "rng"))
    imports = sorted({*code.imports, "import base64", "import matplotlib.pyplot as plt", "from torchvision.io import decode_png"},
                     key=lambda line: line.split()[1])
    model = settings.model(data.size)
    title = TITLE.format(data=data.title, n=len(data), network=settings.network, latent=settings.latent, beta=settings.beta,
                         seed=settings.seed, epochs=settings.epochs)
    chosen = (f"MODEL = {model!r}\nSEED, EPOCHS, RATE, BATCH = {settings.seed}, {settings.epochs}, {settings.rate!r}, {BATCH}\n"
              f"WARMUP = {settings.warmup!r}  # epochs over which beta rises from 0\nSIZE = {data.size}  # pixels along a side")
    written = [("markdown", title), ("code", "\n".join([*imports, "", "torch.set_num_threads(1)  # as in the lab"])),
               ("markdown", "## Settings"), ("code", chosen)]
    for module, said, text in code.chapters:
        if text:
            written += [("markdown", f"## {said or module}\n`{module.replace('.', '/')}.py`"), ("code", text)]
    return [*written, ("markdown", f"## The pictures\n{data.title}, {data.source}: the first {len(data):,} of the training split."),
            ("code", f'PICTURES = """\n{inline(data.pictures)}"""'), ("code", READ.format(across=ACROSS, n=len(data))),
            ("markdown", "## Learn"), ("code", (SLIDE if slide else BUILD) + LEARN),
            ("markdown", "## Look"), ("code", LOOK.replace("{seed}", str(SAMPLE_SEED))),
            ("markdown", "## The number"), ("code", END)]


def notebook(settings: Settings) -> dict:
    """The run as an nbformat 4 notebook; checked against the format's own schema. BadInput where the pictures are not here."""
    import nbformat
    from nbformat import v4

    make = {"markdown": v4.new_markdown_cell, "code": v4.new_code_cell}
    book = v4.new_notebook(cells=[make[kind](text) for kind, text in cells(settings)], metadata={
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}})
    for k, cell in enumerate(book["cells"]):
        cell["id"] = f"cell-{k}"  # the format's random names would make every export differ
    nbformat.validate(book)
    return book
