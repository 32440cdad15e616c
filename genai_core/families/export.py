"""A contest of the families as a notebook that runs by itself, with the very functions that ran in the lab."""

from genai_core.excerpt import excerpt
from genai_core.families.settings import Settings

PACKAGE = "genai_core.families"
TITLE = """# Every family

Five families learn the {title} for {seconds:g} s each, seed {seed}. {pace}

Run all cells. Needs torch, numpy and matplotlib, and nothing else."""
PACE = {"clock": "The time is by the clock: a faster machine gets further, so the numbers differ a little from the lab's.",
        "fixed": "The time is counted in updates, so the numbers are those of the lab."}
GIVEN = {
    ("genai_core.data", "load"): """def load(name, seed, n=2000):
    \"\"\"n points of the named data set, the same for the same seed.\"\"\"
    return {"ring": ring, "two_moons": two_moons, "spiral": spiral}[name](n, rng(seed))""",
    ("genai_core.models", "build"): """def build(name, seed, **settings):
    \"\"\"The named model with weights drawn from the seed.\"\"\"
    kinds = {"point_autoencoder": PointAutoencoder, "vae": VAE, "gan": GAN, "point_diffusion": PointDiffusion}
    with BUILDING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return kinds[name](**settings)""",
}
THINGS = (("genai_core.runtime", "rng"), ("genai_core.runtime", "BUILDING"), ("genai_core.data.points", "ring"),
          ("genai_core.data.points", "two_moons"), ("genai_core.data.points", "spiral"),
          ("genai_core.models.point_autoencoder", "PointAutoencoder"), ("genai_core.models.vae", "VAE"), ("genai_core.models.gan", "GAN"),
          ("genai_core.models.point_diffusion", "PointDiffusion"), (f"{PACKAGE}.settings", "Settings"), (f"{PACKAGE}.contest", "run"))
RUN = """settings = Settings(data={data!r}, seconds={seconds!r}, pace={pace!r}, balance={balance!r}, seed={seed})
for state in run(settings):
    pass
for family, end in state.ends.items():
    told = ", ".join(f"{{name}} {{value:.3g}}" for name, value in end.look.readings.items())
    print(f"{{family}}: {{end.look.updates}} updates in {{end.look.seconds:.1f}} s; {{told}}; log-likelihood {{end.likelihood.nats}}")"""
DRAW = """figure, places = plt.subplots(1, len(state.ends), figsize=(4 * len(state.ends), 4))
for place, (family, end) in zip(places, state.ends.items()):
    place.scatter(*reference(settings).numpy().T, s=2, color="0.7")
    place.scatter(*end.look.samples.numpy().T, s=2)
    place.set(title=FAMILIES[family], aspect="equal", xlim=(-1.5, 1.5), ylim=(-1.5, 1.5))
plt.show()"""


def cells(settings: Settings) -> list[tuple[str, str]]:
    """(kind, text) of each cell."""
    from genai_core.data import DATASETS

    found = excerpt(*THINGS, given=GIVEN)
    imports = sorted({*found.imports, "import matplotlib.pyplot as plt", "import torch"})
    told = [("markdown", TITLE.format(title=DATASETS[settings.data].title.lower(), seconds=settings.seconds, seed=settings.seed,
                                      pace=PACE[settings.pace])),
            ("code", "\n".join(imports) + "\n\ntorch.set_num_threads(1)  # as in the lab")]
    for _, about, code in found.chapters:
        told += [("markdown", about), ("code", code)]
    chosen = RUN.format(data=settings.data, seconds=settings.seconds, pace=settings.pace, balance=settings.balance,
                        seed=settings.seed)
    return [*told, ("markdown", "## Run"), ("code", chosen), ("code", DRAW)]


def notebook(settings: Settings) -> dict:
    """As nbformat 4, checked against the format's own schema."""
    import nbformat
    from nbformat import v4

    from genai_core.families import digit_export

    make = {"markdown": v4.new_markdown_cell, "code": v4.new_code_cell}
    made = [make[kind](text) for kind, text in (digit_export.cells if settings.digits else cells)(settings)]
    for k, cell in enumerate(made):
        cell["id"] = f"cell-{k}"
    book = v4.new_notebook(cells=made, metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}})
    nbformat.validate(book)
    return book
