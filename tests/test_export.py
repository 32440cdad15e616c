"""The zip draws the same picture by itself; and an excerpt of code says what the code says."""

import ast
import inspect
import io
import json
import subprocess
import sys
import zipfile

import nbformat
import numpy as np
import pytest
from PIL import Image
from notebooks import ONLY, importable

from genai_core import excerpt, runtime, text_to_image
from genai_core import __main__ as command
from genai_core.errors import BadInput
from genai_core.text_to_image import export, sampling
from genai_core.text_to_image.pipeline import POCKET

PROMPT = "a red circle above a blue square on gray"
ASKED = {"steps": 2, "seed": 8, "n": 1}
PACKAGES = {"torch", "torchvision", "numpy", "PIL", "diffusers", "transformers", "open_clip", "safetensors"}
ALONE = ONLY + """
import os
for folder in sys.argv[2:]:
    os.chdir(folder)
    space = {"__name__": "__main__"}
    for cell in json.load(open("words-to-picture.ipynb", encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), space)
refuse("genai_core", "gradio", "nbformat", "scipy", "pandas")
"""

pytestmark = pytest.mark.usefixtures("one_thread")


def drawn(**asked):
    for frame in text_to_image.frames(text_to_image.load(), PROMPT, strip=False, **asked):
        pass
    return frame.clean


def kinds():
    yield {}
    yield {"guidance": "both", "clip": "plain", "crops": 2, "scheduler": "euler", "negative": "green"}
    if (POCKET / "noise_clip").is_dir():
        yield {"guidance": "clip", "clip": "noise_aware", "scheduler": "dpm++", "rounds": 2}


def test_the_zip_draws_the_same_picture_where_only_the_named_packages_can_be_imported(tmp_path):
    allowed = importable(*export.NEEDS)
    assert not {"gradio", "genai_core", "nbformat", "pandas", "scipy"} & set(allowed)
    places = []
    for number, more in enumerate(kinds()):
        places.append(tmp_path / str(number))
        zipfile.ZipFile(io.BytesIO(export.package(PROMPT, **ASKED, **more))).extractall(places[-1])
    alone = subprocess.run([sys.executable, "-I", "-c", ALONE, json.dumps(allowed), *map(str, places)], cwd=tmp_path,
                           text=True, capture_output=True, timeout=300)
    assert alone.returncode == 0, alone.stderr[-3000:]
    for place, more in zip(places, kinds(), strict=True):
        for index, picture in enumerate(drawn(**ASKED, **more)):
            assert np.array_equal(np.asarray(Image.open(place / f"8-{index}.png")), picture), more


def test_the_notebook_is_valid_names_no_other_package_and_is_the_source_of_what_ran():
    for more in kinds():
        book = export.notebook(text_to_image.check(PROMPT, **ASKED, **more))
        nbformat.validate(book)
        code = [cell.source for cell in book.cells if cell.cell_type == "code"]
        for node in (n for cell in code for n in ast.walk(ast.parse(cell))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else \
                [node.module] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.partition(".")[0] in PACKAGES | set(sys.stdlib_module_names), name
        for thing in (sampling.Frame, sampling.to_pictures, runtime.rng):
            assert inspect.getsource(thing).rstrip() in "\n".join(code)


def test_the_same_settings_give_the_same_file_and_weights_are_all_there():
    first, again = (export.package(PROMPT, **ASKED) for _ in range(2))
    assert first == again != export.package("a blue star", **ASKED)
    names = set(zipfile.ZipFile(io.BytesIO(first)).namelist())
    assert {"words-to-picture.ipynb", "README.txt", "model/model_index.json"} <= names
    assert {f"model/{p.relative_to(POCKET).as_posix()}" for p in POCKET.rglob("*.safetensors")} <= names


@pytest.mark.parametrize("prompt,model,says", [("", "pocket", "empty"), (PROMPT, "sd15", "Only the pocket model"),
                                               (PROMPT, "nowhere", "Only the")])
def test_what_cannot_be_packed_gets_a_sentence(prompt, model, says):
    with pytest.raises(BadInput, match=says):
        export.package(prompt, model)


def test_a_model_without_a_clip_is_packed_only_for_what_it_can_do(tmp_path, monkeypatch):
    (tmp_path / "model_index.json").write_text("{}", encoding="utf-8")
    with pytest.raises(BadInput, match="no CLIP of its own"):
        export.package(PROMPT, tmp_path, guidance="clip")
    (tmp_path / "big.safetensors").write_bytes(bytes(1000))
    monkeypatch.setattr(export, "MOST_BYTES", 500)
    with pytest.raises(BadInput, match="at most 0 are packed"):
        export.package(PROMPT, tmp_path)


# -- the download --------------------------------------------------------------------------------------------------------

def test_the_tab_hands_out_the_same_zip(new_page, tmp_path):
    from playwright.sync_api import expect

    page = new_page("/?tab=text_to_image&steps=4&seed=2")
    page.set_default_timeout(90_000)
    expect(page.locator("#text_to_image-steps input[type=number]")).to_have_value("4", timeout=90_000)
    with page.expect_download() as got:
        page.get_by_role("button", name="Notebook and weights (zip)").click()
    got.value.save_as(tmp_path / "home.zip")
    assert got.value.suggested_filename == "genlens-text_to_image.zip"
    book = json.loads(zipfile.ZipFile(tmp_path / "home.zip").read("words-to-picture.ipynb"))
    assert "'steps': 4, " in "".join("".join(cell["source"]) for cell in book["cells"]).replace(",\n            ", ", ")


def test_a_link_to_a_zip_is_checked_like_any_other():
    from starlette.testclient import TestClient

    from demos import text_to_image as tab
    from demos._package import package_page

    page = TestClient(package_page(tab.LAB))
    good = page.get("/package.zip", params={"tab": "text_to_image", "steps": "3", "prompt": PROMPT})
    asked = tab.LAB.defaults() | {"steps": 3, "prompt": PROMPT}
    assert good.content == tab.package(**asked) and good.headers["content-type"] == "application/zip"
    for params, says in (({"steps": "0"}, "out of range"), ({"prompt": "🎉"}, "no words"), ({"prompt": ""}, "empty")):
        bad = page.get("/package.zip", params=params)
        assert bad.status_code == 400 and says in bad.text


# -- excerpts ------------------------------------------------------------------------------------------------------------

def space_of(found):
    space = {}
    exec("\n".join([*found.imports, *(code for _, _, code in found.chapters)]), space)
    return space


def test_an_excerpt_stands_alone_and_does_the_same():
    found = excerpt.excerpt(("genai_core.metrics", "modes_found"), ("genai_core.data.points", "ring"))
    space, points = space_of(found), runtime.rng(1)
    assert "genai_core" not in "\n".join([*found.imports, *(code for *_, code in found.chapters)])
    ring = space["ring"](500, points)
    assert space["modes_found"](ring, space["ring_centres"](), 0.05) == 8 and "kl" not in space


def test_what_is_given_stands_in_place_of_ours():
    found = excerpt.excerpt(("genai_core.text_to_image.settings", "check"),
                            given={("genai_core.data.captions", "split_words"): "def split_words(text):\n    return ['given']"})
    assert space_of(found)["split_words"]("anything") == ["given"] and "import re" not in found.imports


def test_two_things_of_one_name_are_refused():
    with pytest.raises(ValueError, match="'MOST_BYTES' is needed from"):
        excerpt.excerpt(("genai_core.text_to_image.export", "MOST_BYTES"), ("genai_core.text_to_image.pictures", "MOST_BYTES"))


# -- the command -----------------------------------------------------------------------------------------------------------

def test_imagine_writes_the_zip_beside_the_picture(tmp_path, capsys):
    out = tmp_path / "home.zip"
    asked = ["imagine", PROMPT, "--steps", "2", "--out", str(tmp_path), "--threads", "1", "--json"]
    assert command.main([*asked, "--export", str(out)]) == 0
    assert json.loads(capsys.readouterr().out)["export"] == str(out)
    assert out.read_bytes() == export.package(PROMPT, steps=2)
    assert command.main([*asked, "--export", str(tmp_path)]) == 2
    assert "--export must be a file" in capsys.readouterr().err
