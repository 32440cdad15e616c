"""Find a Chromium that really starts; `python tests/find_chromium.py` installs one where there is none.

Order: CHROMIUM_PATH, a browser on the PATH, Playwright's own, then (only when asked) Playwright's download, then
the system's package manager.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"]  # no other host has a name
PACKAGES = {  # package manager: its commands, in order
    "apt-get": (["update"], ["install", "-y", "--no-install-recommends", "chromium"]),
    "dnf": (["install", "-y", "chromium"],),
    "apk": (["add", "chromium"],),
    "pacman": (["-Sy", "--noconfirm", "chromium"],),
}
ADVICE = ("No Chromium starts here, and none could be installed. Install one by hand (Debian or Ubuntu: "
          "`sudo apt-get install chromium`; elsewhere: `.venv/bin/python -m playwright install --with-deps chromium`), "
          "or set CHROMIUM_PATH to the program of a Chromium or Chrome that you have, and run this again.")


def candidates() -> list[str | None]:
    """Paths worth trying, best first; None stands for Playwright's own download."""
    given = os.environ.get("CHROMIUM_PATH")
    found = [path for name in NAMES if (path := shutil.which(name))]
    return [*([given] if given else []), *found, None]


def launch(playwright):
    """The first candidate that starts, as a Playwright browser that can reach only this machine.

    Raises RuntimeError with each candidate's reason where none starts.
    """
    reasons = []
    for path in candidates():
        try:
            return playwright.chromium.launch(executable_path=path, args=FLAGS)
        except Exception as error:  # Playwright raises one kind for missing, broken and foreign programs alike
            reasons.append(f"{path or 'Playwright'}: {str(error).strip().splitlines()[0]}")
    raise RuntimeError(f"{ADVICE}\nTried: " + "; ".join(reasons))


def starts() -> bool:
    from playwright.sync_api import sync_playwright

    try:
        with sync_playwright() as playwright:
            browser = launch(playwright)
            print(f"Chromium {browser.version} starts.")
            browser.close()
            return True
    except RuntimeError:
        return False


def attempt(*command: str) -> bool:
    """Run a command that may fail; it can ask nothing and may take ten minutes."""
    print("+", *command, flush=True)
    try:
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(command, stdin=subprocess.DEVNULL, timeout=600, env=quiet).returncode == 0
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error)
        return False


def install() -> bool:
    """Try each way in turn; True as soon as a Chromium starts."""
    if attempt(sys.executable, "-m", "playwright", "install", "--only-shell", "chromium") and starts():
        return True
    manager = next((name for name in PACKAGES if shutil.which(name)), None)
    if manager is None:
        return False
    root = [] if os.name == "posix" and os.geteuid() == 0 else ["sudo", "-n"]
    if root and not (shutil.which("sudo") and attempt("sudo", "-n", "true")):
        return False
    for arguments in PACKAGES[manager]:
        attempt(*root, manager, *arguments)
    return starts()


if __name__ == "__main__":
    if not (starts() or install()):
        sys.exit(ADVICE)
