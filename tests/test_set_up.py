"""Setting up on a machine that lacks something: it looks further, or says what is missing in a sentence."""

import os
import shutil
import stat
import subprocess

import find_chromium
import pytest
import serving


@pytest.fixture
def bare(tmp_path):
    """A folder that has only what `make` reads."""
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(serving.ROOT / name, tmp_path)
    return tmp_path


def make(folder, *arguments, **environment):
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *arguments], cwd=folder, text=True, capture_output=True, timeout=60,
                          env=own | environment, stdin=subprocess.DEVNULL)


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_without_a_fitting_python_make_says_so(bare):
    done = make(bare, "PYTHON=", "run")
    assert done.returncode and "needs Python 3.11 or newer" in done.stderr
    assert not (bare / ".venv").exists()


def test_a_python_that_is_too_old_is_passed_over(bare, tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    script(programs / "python3.11", "exit 1")  # as a version manager's stub, or a Python that is too old
    script(programs / "python3", "exit 0")
    done = make(bare, "-n", "run", PATH=f"{programs}:{os.environ['PATH']}")
    assert "python3 -m venv .venv" in done.stdout and "python3.11 -m venv" not in done.stdout


def test_an_environment_that_cannot_be_made_leaves_nothing_behind(bare, tmp_path):
    broken = script(tmp_path / "broken-python", "exit 1")
    done = make(bare, f"PYTHON={broken}", "run")
    assert done.returncode and "apt-get install python3-venv" in done.stdout and not (bare / ".venv").exists()


def test_an_interrupted_install_is_done_again(bare, tmp_path):
    """No stamp without success: pip fails here, so the next call starts with pip again."""
    (bare / ".venv" / "bin").mkdir(parents=True)
    script(bare / ".venv" / "bin" / "python", "exit 1")
    assert make(bare, "run").returncode
    assert not (bare / ".venv" / ".app").exists()
    assert "pip install" in make(bare, "-n", "run").stdout


def test_a_browser_that_does_not_start_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("CHROMIUM_PATH", str(script(tmp_path / "chromium", "exit 1")))
    assert find_chromium.candidates()[0] == str(tmp_path / "chromium") and find_chromium.candidates()[-1] is None

    class Reader:
        """Stands for Playwright: only what is not our broken program starts."""

        class chromium:
            @staticmethod
            def launch(executable_path, args):
                if executable_path == str(tmp_path / "chromium"):
                    raise OSError("does not start")
                return executable_path

    assert find_chromium.launch(Reader) == find_chromium.candidates()[1]


def test_no_browser_at_all_is_said_in_a_sentence_that_helps(monkeypatch):
    class Nothing:
        class chromium:
            @staticmethod
            def launch(executable_path, args):
                raise OSError("does not start")

    with pytest.raises(RuntimeError, match="apt-get install chromium"):
        find_chromium.launch(Nothing)
