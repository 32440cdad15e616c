"""A drawing to take home: a zip with the weights and a notebook that draws the same picture, to the last bit.

The notebook needs torch, torchvision, numpy, Pillow, diffusers, transformers and open_clip, and nothing of ours: the
code in it is the code that ran, cut out by genai_core.excerpt.
"""

import io
import json
import zipfile
from importlib import metadata
from pathlib import Path

import torch

from genai_core.errors import BadInput
from genai_core.excerpt import excerpt
from genai_core.text_to_image.pipeline import POCKET
from genai_core.text_to_image.settings import OPTIONS, Settings, check

NEEDS = ("torch", "torchvision", "numpy", "pillow", "diffusers", "transformers", "open_clip_torch")
MOST_BYTES = 200_000_000
NOTEBOOK, FOLDER = "words-to-picture.ipynb", "model"
SAME_DATE = (2020, 1, 1, 0, 0, 0)  # so that the same settings give the same file
HERE = "genai_core.text_to_image"

TITLE = """# Words to picture

{what}, in {steps} steps from seed {seed}.

Run all cells. On the same kind of processor, with the same versions of the libraries, the picture is the one that was
drawn here, to the last bit. Needs {needs}. The weights lie beside this notebook in `{folder}/`."""
OPEN = """pipeline = StableDiffusionPipeline.from_pretrained("{folder}", dtype=torch.float32, local_files_only=True{unguarded})
for part in filter(None, (pipeline.unet, pipeline.vae, pipeline.text_encoder, pipeline.safety_checker)):
    part.requires_grad_(False)  # gradients are taken of pictures, never of weights
pipeline.set_progress_bar_config(disable=True)
pipeline = pipeline.to(device())"""
TOWER = """def noise_tower():
    \"\"\"The CLIP that reads noisy latents.\"\"\"
    tower = NoisyPictureClip(**json.loads(Path("{folder}/noise_clip/config.json").read_text()))
    tower.load_state_dict(load_file("{folder}/noise_clip/model.safetensors"))
    return tower.float().eval().requires_grad_(False).to(device())


"""
GUIDE = """{tower}guide = Guide(_open("{folder}/clip", "pocket"), {noisy})"""
DRAW = """for frame in frames(pipeline, PROMPT, strip=False, guide={guide}, **SETTINGS):
    print(f"step {{frame.index}} of {{frame.steps}}", end="\\r")
for index, picture in enumerate(frame.clean):
    Image.fromarray(picture).save(f"{{SETTINGS['seed']}}-{{index}}.png")
side = max(256, frame.clean.shape[2])
Image.fromarray(np.concatenate(frame.clean, 1)).resize((side * len(frame.clean), side), Image.Resampling.NEAREST)"""
README = """Words to picture, to take home
==============================

{notebook}   the notebook
{folder}/                     the weights it draws with

  pip install {pins} jupyterlab
  jupyter lab {notebook}

Unpack everything into one folder first; the notebook looks for {folder}/ beside itself.
"""


def _chapters(asked: Settings):
    things = [(f"{HERE}.sampling", "frames"), ("genai_core.runtime", "device")]
    given = {(f"{HERE}.similarity", "guide_for"): ""}  # the notebook always says itself which CLIP steers
    if asked.steered:
        things += [(f"{HERE}.similarity", "Guide"), (f"{HERE}.reading", "_open")]
        if asked.clip == "noise_aware":
            things.append(("genai_core.models.picture_noise_clip", "NoisyPictureClip"))
    return excerpt(*things, given=given)


def cells(asked: Settings, guarded: bool = False) -> list[tuple[str, str]]:
    """(kind, text) of each cell; kind: "markdown" or "code". guarded: the model brings a safety checker."""
    code = _chapters(asked)
    imports = [*code.imports, "from diffusers import StableDiffusionPipeline", "from PIL import Image"]
    if asked.steered and asked.clip == "noise_aware":
        imports += ["from pathlib import Path", "from safetensors.torch import load_file", "import json"]
    imports = sorted(set(imports), key=imports.index)
    what = f"“{asked.prompt}”" if asked.prompt and asked.guidance != "none" else "The empty prompt"
    settings = {name: getattr(asked, name) for name in OPTIONS}
    chosen = ",\n            ".join(f"{name!r}: {value!r}" for name, value in settings.items())
    noisy = "noise_tower" if asked.clip == "noise_aware" else "None"
    margin = ",\n" + " " * len("pipeline = StableDiffusionPipeline.from_pretrained(")
    unguarded = "" if guarded else f"{margin}safety_checker=None, requires_safety_checker=False"
    written = [
        ("markdown", TITLE.format(what=what, steps=asked.steps, seed=asked.seed, needs=", ".join(NEEDS), folder=FOLDER)),
        ("code", "\n".join(imports) + f"\n\ntorch.set_num_threads({torch.get_num_threads()})  # with another number sums are "
                                      "taken in another order"),
        ("markdown", "## What is drawn"), ("code", f"PROMPT = {asked.prompt!r}\nSETTINGS = {{{chosen}}}")]
    for module, said, text in code.chapters:
        if text:
            written += [("markdown", f"## {said or module}\n`{module.replace('.', '/')}.py`"), ("code", text)]
    written += [("markdown", "## Open the model"), ("code", OPEN.format(folder=FOLDER, unguarded=unguarded))]
    if asked.steered:
        tower = TOWER.format(folder=FOLDER) if asked.clip == "noise_aware" else ""
        written.append(("code", GUIDE.format(tower=tower, folder=FOLDER, noisy=noisy)))
    return [*written, ("markdown", "## Draw"), ("code", DRAW.format(guide="guide" if asked.steered else "None"))]


def notebook(asked: Settings, guarded: bool = False) -> dict:
    """The drawing as an nbformat 4 notebook, checked against the format's own schema."""
    import nbformat
    from nbformat import v4

    make = {"markdown": v4.new_markdown_cell, "code": v4.new_code_cell}
    made = [make[kind](text) for kind, text in cells(asked, guarded)]
    for k, cell in enumerate(made):
        cell["id"] = f"cell-{k}"  # the format's random names would make every export differ
    book = v4.new_notebook(cells=made, metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}})
    nbformat.validate(book)
    return book


def _weights(model: str | Path, asked: Settings) -> tuple[Path, list[Path]]:
    """(folder, its files to pack) of a model that can be taken along."""
    folder = POCKET if str(model) == "pocket" else Path(model).expanduser()
    if not (folder / "model_index.json").is_file():
        raise BadInput(f"Only the pocket model, or a model in a folder, can be packed into a file; {str(model)!r} is neither.")
    if asked.steered and not (folder / "clip").is_dir():
        raise BadInput(f"The model in {str(model)!r} has no CLIP of its own (a folder clip/) to pack with it; choose the "
                       "guidance cfg, or none.")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in (".json", ".txt", ".safetensors"))
    size = sum(path.stat().st_size for path in files)
    if size > MOST_BYTES:
        raise BadInput(f"The model in {str(model)!r} has {size / 1e6:,.0f} MB; at most {MOST_BYTES / 1e6:.0f} are packed.")
    return folder, files


def package(prompt: str, model: str | Path = "pocket", **asked) -> bytes:
    """The zip: notebook, weights and a short README. asked: as in settings.Settings. BadInput for what cannot be drawn."""
    settings = check(prompt, **asked)
    folder, files = _weights(model, settings)
    book = notebook(settings, guarded=(folder / "safety_checker").is_dir())
    pins = " ".join(f"{name}=={metadata.version(name).partition('+')[0]}" for name in NEEDS)
    texts = {NOTEBOOK: json.dumps(book, indent=1), "README.txt": README.format(notebook=NOTEBOOK, folder=FOLDER, pins=pins)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name, text in texts.items():
            zipped.writestr(zipfile.ZipInfo(name, SAME_DATE), text, zipfile.ZIP_DEFLATED)
        for path in files:  # weights hardly get smaller
            zipped.writestr(zipfile.ZipInfo(f"{FOLDER}/{path.relative_to(folder).as_posix()}", SAME_DATE), path.read_bytes())
    return out.getvalue()
