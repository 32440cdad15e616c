"""Start a real server as users do, `python app.py` in a process of its own, and know when its first page came."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from demos._page import WARMED

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 60.0
BETWEEN_S = 0.01  # between two looks at something that has no way to call us
KEPT = ("app.py", "demos", "genai_core", "policy", "assets", "tests", "pyproject.toml", "README.md", "requirements.txt")


@dataclass(frozen=True)
class Served:
    """url of the page; first_page_s: seconds from starting the process to the first page in full; refused: calls
    beyond this machine that the server tried so far; pid: its process."""

    url: str
    first_page_s: float
    pid: int
    note: Path

    def until_warm(self) -> "Served":
        """Wait until the imports behind the first page are done; they come only once somebody has opened it."""
        until(lambda: WARMED in (self.note.parent / "server.log").read_text(), PATIENCE_S, WARMED)
        return self

    def refused(self) -> list[str]:
        return self.note.read_text(encoding="utf-8").splitlines() if self.note.exists() else []


def copy_tree(place: Path) -> Path:
    """A copy of the tree to change, in `place`; the shipped weights are only linked, they are not touched."""
    tree = place / "genlens"
    tree.mkdir()
    for name in KEPT:
        source = ROOT / name
        skipped = shutil.ignore_patterns("models" if name == "assets" else "__pycache__", "__pycache__")
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=skipped)
        elif source.is_file():
            shutil.copy(source, tree / name)
    if (ROOT / "assets" / "models").is_dir():
        (tree / "assets" / "models").symlink_to(ROOT / "assets" / "models")
    return tree


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def until(true, within_s: float, what: str):
    """Wait until true() answers something true, and return it; fail with `what` after within_s seconds."""
    tick, end = threading.Event(), time.monotonic() + within_s
    while time.monotonic() < end:
        if answer := true():
            return answer
        tick.wait(BETWEEN_S)
    raise AssertionError(f"not within {within_s:g} s: {what}")


def get(url: str, **headers) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=PATIENCE_S) as answer:
        return answer.read()


def cpu_seconds(pid: int) -> float:
    """Processor seconds of a process so far, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def served(notes: Path, folder: Path = ROOT, program: str = "app.py", **environment: str):
    """A running server, offline. notes: a folder for its log. Ends it at the end."""
    port, note, log = free_port(), notes / "refused.txt", notes / "server.log"
    url = f"http://127.0.0.1:{port}/"
    settings = os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1", "HF_HUB_OFFLINE": "1",
                             "PYTHONPATH": str(ROOT / "tests" / "offline"), "GENLENS_REFUSED": str(note),
                             "GRADIO_ANALYTICS_ENABLED": "False"} | environment
    with log.open("wb") as out:
        began = time.monotonic()
        process = subprocess.Popen([sys.executable, program], cwd=folder, env=settings, stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=subprocess.STDOUT)
        try:
            def first_page():
                assert process.poll() is None, log.read_text()[-3000:]
                with contextlib.suppress(urllib.error.URLError, ConnectionError):
                    return get(url)

            until(first_page, PATIENCE_S, f"the first page; the log says {log.read_text()[-3000:]!r}")
            yield Served(url, time.monotonic() - began, process.pid, note)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(2)  # browsers may still be connected
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
