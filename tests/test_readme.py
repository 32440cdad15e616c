"""What the README says is so: front matter, commands, figures, pictures."""

import json
import re
import subprocess
import sys

import serving


def test_the_front_matter_asks_a_space_for_the_gradio_that_is_pinned():
    readme = (serving.ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("---\n")
    head = dict(re.findall(r"^(\w+): *\"?([^\"#\n]*?)\"? *$", readme.split("---")[1], re.MULTILINE))
    pinned = re.search(r"^gradio==(\S+)$", (serving.ROOT / "requirements.txt").read_text(), re.MULTILINE)[1]
    assert head["sdk"] == "gradio" and head["sdk_version"] == pinned
    assert head["app_file"] == "app.py" and (serving.ROOT / head["app_file"]).is_file()
    assert head["python_version"] == "3.11" and head["title"] and head["license"]
    assert 'python_version: "3.11"' in readme, "unquoted, YAML would read a number"


def test_every_command_line_shown_in_the_readme_exists():
    readme = (serving.ROOT / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"python -m (genai_core|policy) ([a-z-]+)", readme))
    assert len(shown) >= 3
    for package in ("genai_core", "policy"):
        said = subprocess.run([sys.executable, "-m", package, "--help"], cwd=serving.ROOT, text=True, capture_output=True)
        missing = [command for where, command in shown if where == package and not re.search(rf"^    {command}\b", said.stdout, re.M)]
        assert not missing, said.stdout
    targets = set(re.findall(r"(?:`|^    )make ([a-z]+)", readme, re.M))
    known = set(re.findall(r"^([a-z]+):", (serving.ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"run", "test"} <= targets <= known


def test_figures_in_the_readme_are_the_measured_ones():
    """Each `<!-- measured:FILE:PATH -->VALUE` in the README is what assets/measured/FILE.json holds at PATH."""
    readme = (serving.ROOT / "README.md").read_text(encoding="utf-8")
    for name, path, shown in re.findall(r"<!-- measured:([\w]+):([\w.]+) -->([\d.]+)", readme):
        value = json.loads((serving.ROOT / "assets" / "measured" / f"{name}.json").read_text())
        for key in path.split("."):
            value = value[int(key)] if isinstance(value, list) else value[key]
        decimals = len(shown.partition(".")[2])
        assert float(shown) in (round(value, decimals), round(100 * value, decimals)), (name, path, shown, value)


def test_every_file_that_the_readme_shows_is_there():
    readme = (serving.ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme) + re.findall(r"`((?:demos|genai_core|policy|assets|tests)/[\w./]+)`", readme)
    missing = [name for name in named if "coin" not in name and not (serving.ROOT / name).exists()]
    assert len(named) > 5 and not missing
