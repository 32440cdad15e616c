"""A run as a notebook that runs by itself: torch, torchvision, numpy and matplotlib, its pictures inside."""

from genai_core.digit_gans.experiment import CODE_SEED, LOOK_EVERY, knobs, learnt_from, turns_of
from genai_core.digit_gans.settings import BATCH, NETWORKS, PARTS, Settings
from genai_core.excerpt import excerpt
from genai_core.latents.export import ACROSS, READ, inline

TITLE = """# GAN on digits

{part}. {data}: {n:,} pictures, {network}, objective {objective}. Seed {seed}, {epochs} epochs.

Run all cells: the losses are those of the lab (on one thread and the same kind of processor, to the last bit). Needs torch,
torchvision, numpy and matplotlib, and nothing else; the pictures and their labels are inside."""
LABELLED = """
labels = torch.tensor([int(digit) for digit in LABELS if digit.isdigit()])"""
LEARN = """model = build(lambda: DigitGAN(**MODEL), SEED)
steps, history = EPOCHS * -(-len(pictures) // BATCH), []
for step in {loop}:
    history.append({"d_loss": step.losses["discriminator"], "g_loss": step.losses["generator"], **step.notes})
    if step.index % 100 == 0:
        print(f"turn {step.index} of {steps}: " + ", ".join(f"{name} {value:.3f}" for name, value in history[-1].items()))"""
PLAIN, ON = "train(model, (pictures, labels), steps, SEED, KNOBS)", "legs(model, (pictures, labels), SEED, PARTS)"
WRONG = """steps, codes, history = EPOCHS * -(-len(pictures) // BATCH), rng(SEED + 1), []
wrong = Loop(build(lambda: DigitGAN(**MODEL), SEED), RATE, BETA1, MISTAKE)
for index, rows in enumerate(batch_rows(len(pictures), SEED, steps), 1):
    if not wrong.play(pictures[rows].float().flatten(1) / 127.5 - 1, codes):
        print(f"turn {index}: {wrong.broke}")
        break
    history.append(wrong.losses | wrong.chances)
    if index % 100 == 0:
        print(f"turn {index} of {steps}: " + ", ".join(f"{name} {value:.3f}" for name, value in history[-1].items()))
model = wrong.model"""
LOOK = """figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5))
try:
    drawn = model.sample(60, rng({seed}), statistics=DRAWN_WITH)[:, 0].clamp(0, 1)
    left.imshow(drawn.view(6, 10, SIZE, SIZE).transpose(1, 2).reshape(6 * SIZE, 10 * SIZE), cmap="gray")
except RuntimeError as error:  # pictures of another size
    left.text(0.05, 0.5, str(error), wrap=True)
left.set(title="drawn from random codes", xticks=[], yticks=[])
for name in ("d_loss", "g_loss"):
    right.plot([told[name] for told in history], label=name, lw=0.7)
right.set(xlabel="turn")
right.legend()
plt.show()"""
END = """found = {{name: sum(told[name] for told in history[-{last}:]) / {last} for name in history[-1]}} if history else {{}}
for name, value in found.items():
    print(f"{{name}}, mean of the last {last} turns: {{value:.6f}}")"""


def cells(settings: Settings) -> list[tuple[str, str]]:
    """(kind, text) of each cell; kind: "markdown" or "code"."""
    data, right, forked = learnt_from(settings), settings.part == "train", len(settings.parts) > 1
    steps = turns_of(settings, len(data))
    parts = [("genai_core.models.digit_gan", "DigitGAN"), ("genai_core.runtime", "build"), ("genai_core.runtime", "rng")]
    if right:
        parts += [("genai_core.digit_gans.experiment", "legs")] if forked else []
        parts += [("genai_core.training", "train"), ("genai_core.training", "Knobs")]
    else:
        parts += [("genai_core.digit_gans.loop", "Loop"), ("genai_core.digit_gans.experiment", "batch_rows")]
    code = excerpt(*parts)
    imports = sorted({*code.imports, "import base64", "import matplotlib.pyplot as plt", "from torchvision.io import decode_png",
                      "import torch"}, key=lambda line: line.split()[1])
    title = TITLE.format(part=PARTS[settings.part], data=data.title, n=len(data), network=NETWORKS[settings.network],
                         objective=settings.objective.replace("_", "-"), seed=settings.seed, epochs=settings.epochs)
    chosen = [f"MODEL = {settings.parts[0][1].model(data.size)!r}",
              f"SEED, EPOCHS, BATCH, SIZE = {settings.seed}, {settings.epochs}, {BATCH}, {data.size}",
              f"DRAWN_WITH = {settings.statistics!r}  # batch norm's, when it draws"]
    if not right:
        chosen += [f"RATE, BETA1 = {settings.rate!r}, {settings.beta1!r}", f"MISTAKE = {settings.part!r}  # \"\" for the right loop"]
    written = [("markdown", title), ("code", "\n".join([*imports, "", "torch.set_num_threads(1)  # as in the lab"])),
               ("markdown", "## Settings"), ("code", "\n".join(chosen))]
    for module, said, text in code.chapters:
        if text:
            written += [("markdown", f"## {said or module}\n`{module.replace('.', '/')}.py`"), ("code", text)]
    if right:
        told = [(until, part.objective, knobs(part)) for until, part in settings.until(steps)]
        lines = "".join(f"    {part!r},\n" for part in told)
        played = f"PARTS = [  # until which turn, with what\n{lines}]" if forked else f"KNOBS = {knobs(settings)!r}"
        written.append(("code", played))
    digits = "".join(map(str, data.labels.tolist()))
    kept = "\n".join(digits[k:k + 120] for k in range(0, len(digits), 120))
    last = steps - LOOK_EVERY * ((steps - 1) // LOOK_EVERY)   # as the lab's last row has them
    return [*written, ("markdown", f"## The pictures\n{data.title}, {data.source}: the first {len(data):,} of the training split."),
            ("code", f'PICTURES = """\n{inline(data.pictures)}"""\nLABELS = """\n{kept}"""'),
            ("code", READ.format(across=ACROSS, n=len(data)) + LABELLED),
            ("markdown", "## Learn"), ("code", LEARN.replace("{loop}", ON if forked else PLAIN) if right else WRONG),
            ("markdown", "## Look"),
            ("code", LOOK.replace("{seed}", str(CODE_SEED))), ("markdown", "## The numbers"), ("code", END.format(last=last))]


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
