"""Notebooks run in a process of their own, where only the packages that they may use can be imported."""

import importlib.metadata as metadata
import json
import re
import subprocess
import sys

ALLOWED = ("torch", "numpy", "matplotlib")
ONLY = """
import json, sys
allowed = set(json.loads(sys.argv[1]))

class Only:  # every other package is as if it were not installed
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]  # _sysconfigdata_...: the standard library, under a name of the machine's
        if root in allowed or root.startswith("_sysconfigdata"):
            return self.finder.find_spec(name, path, target)

    def find_distributions(self, *given):  # libraries ask which version they have found
        return getattr(self.finder, "find_distributions", lambda *_: ())(*given)

sys.meta_path[:] = [Only(finder) for finder in sys.meta_path]

def refuse(*others):
    for other in others:
        try:
            __import__(other)
        except ModuleNotFoundError:
            continue
        sys.exit(other + " could be imported")
"""
ALONE = ONLY + """
said, others, books = json.loads(sys.stdin.read())
import matplotlib
matplotlib.use("agg")
last = []
for code in books:
    space = {"__name__": "__main__"}
    for cell in code:
        exec(cell, space)
    last.append(eval(said, space))
refuse(*others)
print()
print(json.dumps(last))
"""


def needed_by(*names):
    """Import names of these packages and of all that they need."""
    of_package = {}
    for module, packages in metadata.packages_distributions().items():
        for package in packages:
            of_package.setdefault(re.sub(r"[-_.]+", "-", package).lower(), set()).add(module)
    waiting, seen = list(names), set()
    while waiting:
        package = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if package in seen or package not in of_package:
            continue
        seen.add(package)
        waiting += [re.match(r"[\w.-]+", line)[0] for line in metadata.requires(package) or () if "extra ==" not in line]
    return set().union(*(of_package[package] for package in seen))


def importable(*packages):
    """What a process may import that has only these packages, and the standard library."""
    return sorted(set(sys.stdlib_module_names) | needed_by(*packages))


def code_of(book):
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


def ends(books, said, place, packages, refused=(), timeout=300):
    """What each notebook ends in: the value of the expression `said` among its names; and all that was printed. place: a folder
    to run in; packages: what can be imported; refused: what must not be, besides our own packages."""
    others = ["genai_core", "gradio", "nbformat", *refused]
    allowed = importable(*packages)
    assert not set(others) & set(allowed)
    alone = subprocess.run([sys.executable, "-I", "-c", ALONE, json.dumps(allowed)], cwd=place, text=True, capture_output=True,
                           timeout=timeout, input=json.dumps([said, others, [code_of(book) for book in books]]))
    assert alone.returncode == 0, alone.stderr[-2000:]
    return json.loads(alone.stdout.splitlines()[-1]), alone.stdout
