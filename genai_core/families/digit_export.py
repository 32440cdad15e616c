"""A contest on digits as a notebook that runs by itself: the pictures inside, the very functions that learnt in the lab.

The digit classifier is not inside, so the notebook shows what each family draws, its loss and the sharpness of its edges, and leaves the
other readings to the lab.
"""

import inspect

from genai_core.excerpt import excerpt
from genai_core.families.digits import learnt_from
from genai_core.families.settings import Settings
from genai_core.latents.export import ACROSS, inline
from genai_core.models import digit_networks
from genai_core.quality import pictures as edge

MODELS = """def build(name, seed, **settings):
    \"\"\"The named model with weights drawn from the seed.\"\"\"
    kinds = {"digit_autoencoder": DigitAutoencoder, "digit_vae": DigitVAE, "digit_gan": DigitGAN, "digit_diffusion": DigitDiffusion}
    with BUILDING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return kinds[name](**settings)"""
THINGS = (("genai_core.runtime", "rng"), ("genai_core.runtime", "BUILDING"), ("genai_core.models.digit_autoencoder", "DigitAutoencoder"),
          ("genai_core.models.digit_vae", "DigitVAE"), ("genai_core.models.digit_gan", "DigitGAN"),
          ("genai_core.models.digit_diffusion", "DigitDiffusion"), ("genai_core.families.digit_learners", "UPDATES"),
          ("genai_core.families.digit_learners", "drawings"), ("genai_core.families.digit_learners", "learner"),
          ("genai_core.quality.pictures", "sharpness"),
          *(("genai_core.models.digit_networks", name) for name in ("MOST", "one_of", "whole_number")))
NETWORKS = ("DenseEncoder", "DenseDecoder", "ConvEncoder", "ConvDecoder", "networks")
ACTIVATIONS = 'DENSE = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}'
TITLE = """# Every family, on digits

Five families learn the same {n:,} digits for {seconds:g} s each, seed {seed}. {pace}

Run all cells. Needs torch, numpy and matplotlib, and nothing else. The digit classifier that judges in the lab is not inside: here you
see what each family draws, its loss, and how steep its edges are."""
READ = """sheet = plt.imread(io.BytesIO(base64.b64decode(PICTURES)), format="png")   # all on one sheet, 0-1
sheet = torch.from_numpy(sheet * 255).round().to(torch.uint8)
pictures = sheet.view(-1, SIZE, {across}, SIZE).transpose(1, 2).reshape(-1, 1, SIZE, SIZE)[:{n}]
print(f"real digits: edge sharpness {{sharpness(pictures[:1000].float() / 255).mean():.3f}}")"""
RUN = """ends = {}
for family in UPDATES:
    given, began = learner(family, pictures, SEED, BALANCE), time.perf_counter()
    while not given.updates or (given.updates < round(SECONDS * UPDATES[family]) if FIXED else time.perf_counter() - began < SECONDS):
        given.update()
    seconds = time.perf_counter() - began
    shown = next(drawings(given, family, 1000, rng(SAMPLE_SEED + SEED)))
    ends[family] = {"updates": given.updates, "loss": given.loss, "sharpness": sharpness(shown).mean().item(), "shown": shown}
    print(f"{family}: {given.updates} updates in {seconds:.1f} s, loss {given.loss:.4f}, edge sharpness {ends[family]['sharpness']:.3f}")"""
DRAW = """figure, places = plt.subplots(len(ends), 1, figsize=(9, 2.2 * len(ends)))
for place, (family, end) in zip(places, ends.items()):
    place.imshow(end["shown"].view(2, 10, SIZE, SIZE).transpose(1, 2).reshape(2 * SIZE, 10 * SIZE), cmap="gray", vmin=0, vmax=1)
    place.set(title=family, xticks=[], yticks=[])
plt.show()"""


def given() -> dict[tuple[str, str], str]:
    """Definitions to write otherwise: two names stand for two things each, in the GANs and elsewhere."""
    dense = "\n\n".join(map(inspect.getsource, (getattr(digit_networks, name) for name in NETWORKS)))
    kinds = (dense.replace("ACTIVATIONS[activation]", "DENSE[activation]").replace("NETWORKS", repr(digit_networks.NETWORKS))
             .replace('one_of("activation", activation, ACTIVATIONS)', 'one_of("activation", activation, DENSE)'))
    edges = "\n\n".join(map(inspect.getsource, (edge.slopes, edge.sharpness))).replace("slopes(", "edge_slopes(")
    return {("genai_core.models", "build"): MODELS, ("genai_core.models.digit_networks", "networks"): f"{ACTIVATIONS}\n\n\n{kinds}",
            ("genai_core.quality.pictures", "sharpness"): f"INK = {edge.INK}\n\n\n{edges}"}


def cells(settings: Settings) -> list[tuple[str, str]]:
    """(kind, text) of each cell."""
    from genai_core.families.contest import SAMPLE_SEED
    from genai_core.families.export import PACE

    data, found = learnt_from(), excerpt(*THINGS, given=given())
    imports = sorted({*found.imports, "import base64", "import io", "import matplotlib.pyplot as plt", "import time", "import torch",
                      "from torch.nn.functional import conv2d"}, key=lambda line: line.split()[1])
    title = TITLE.format(n=len(data), seconds=settings.seconds, seed=settings.seed, pace=PACE[settings.pace])
    chosen = (f"SEED, SECONDS, FIXED, BALANCE = {settings.seed}, {settings.seconds!r}, {settings.pace == 'fixed'}, {settings.balance!r}\n"
              f"SIZE, SAMPLE_SEED = {data.size}, {SAMPLE_SEED}")
    told = [("markdown", title), ("code", "\n".join(imports) + "\n\ntorch.set_num_threads(1)  # as in the lab"),
            ("markdown", "## Settings"), ("code", chosen)]
    for _, about, code in found.chapters:
        told += [("markdown", about), ("code", code)]
    return [*told, ("markdown", f"## The digits\n{data.title}, {data.source}: the first {len(data):,} of the training split."),
            ("code", f'PICTURES = """\n{inline(data.pictures)}"""'), ("code", READ.format(across=ACROSS, n=len(data))),
            ("markdown", "## Run"), ("code", RUN), ("code", DRAW)]
