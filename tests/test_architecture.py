"""The house rules that matter, held by a parser: who may import whom, what a file may contain, what may be shipped."""

import ast
import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("demos", "genai_core", "policy")
OURS = sorted([*ROOT.glob("*.py"), *(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))])
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEXTS = sorted(path for pattern in ("*.py", "*.md", "*.js", "*.css", "*.json", "*.csv", "*.toml", "*.txt", "Makefile")
               for top in (".", *PACKAGES, "tests", "assets")
               for path in ((ROOT / top).glob(pattern) if top == "." else (ROOT / top).rglob(pattern)))

WEB = {"gradio", "gradio_client", "fastapi", "starlette", "uvicorn"}
HEAVY = {"torch", "torchvision", "diffusers", "transformers", "open_clip", "accelerate", "sklearn", "scipy", "matplotlib"}
FORBIDDEN = {  # package: roots that it never imports
    "genai_core": WEB | {"demos", "policy", "app", "tests"},
    "policy": WEB | HEAVY | {"demos", "genai_core", "app", "tests"},
    "demos": HEAVY | {"app", "tests"},
}
CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*$|__\w+__$")
CHANGES = {"append", "add", "update", "pop", "popitem", "clear", "setdefault", "extend", "insert", "remove", "discard"}
EVENTS = {"click", "change", "input", "submit", "release", "select", "load", "unload", "then", "success", "failure",
          "tick", "upload", "blur", "focus", "api"}
VAGUE = {"util", "utils", "helper", "helpers", "common", "manager", "misc", "stuff"}
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home|tmp|Users)/\w")
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b|for n" + r"ow\b")


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@functools.cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"), name_of(path))


@functools.cache
def nodes(path):
    return tuple(ast.walk(tree(path)))


def imported(path):
    """(module, line) of every import of the file, at any depth of it; `from a import b` gives a and a.b."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import; name the package"
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def each(paths):
    """A rule for each of these files, one test: a test per file and rule would be thousands. It names every file that
    breaks the rule, and how."""
    def of_all(rule):
        def holds():
            broken = []
            for path in paths:
                try:
                    rule(path)
                except AssertionError as wrong:
                    broken.append(f"{name_of(path)}: {wrong}")
            assert paths
            if broken:
                pytest.fail("\n".join(broken), pytrace=False)

        holds.__name__, holds.__doc__ = rule.__name__, rule.__doc__
        return holds

    return of_all


def test_the_rules_have_something_to_hold():
    assert {"demos", "genai_core", "policy"} <= {path.relative_to(ROOT).parts[0] for path in OURS}
    assert len(OURS) > 10 and len(TESTS) > 3


@each([path for path in OURS if path.parent != ROOT])
def test_no_import_points_backwards(path):
    package = path.relative_to(ROOT).parts[0]
    wrong = [f"line {line}: {module}" for module, line in imported(path)
             if module.split(".")[0] in FORBIDDEN[package]]
    assert not wrong, f"{package} must not import these: {wrong}"


@each(sorted((ROOT / "demos").glob("*.py")))
def test_no_tab_imports_another_tab(path):
    tabs = {f"demos.{other.stem}" for other in (ROOT / "demos").glob("[!_]*.py")} - {f"demos.{path.stem}"}
    assert not (wrong := [module for module, _ in imported(path) if module in tabs]), wrong


@each(OURS)
def test_no_pickle_and_no_pyplot(path):
    roots = {module.split(".")[0] for module, _ in imported(path)}
    assert not roots & {"pickle", "cPickle", "dill", "shelve", "marshal"}
    from_joblib = {module for module, _ in imported(path) if module.startswith("joblib")}  # its files are pickles, its workers are not
    assert from_joblib <= {"joblib", "joblib.Parallel", "joblib.delayed", "joblib.parallel_config"}
    assert not [module for module, _ in imported(path) if module.startswith("matplotlib.pyplot")]
    for node in nodes(path):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in ("torch.load", "eval", "exec"), node.lineno
            assert not any(k.arg == "allow_pickle" for k in node.keywords), node.lineno


@each(OURS)
def test_module_level_names_are_constants_that_nobody_changes(path):
    module = tree(path)
    constants = set()
    for node in module.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in filter(None, targets if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) else []):
            for leaf in ast.walk(target):
                if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store):
                    assert CONSTANT.match(leaf.id), f"line {node.lineno}: module-level {leaf.id} is no constant"
                    constants.add(leaf.id)
    for node in ast.walk(module):
        where = f"line {getattr(node, 'lineno', 0)}"
        assert not isinstance(node, ast.Global), f"{where}: global"
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            assert not (isinstance(node.value, ast.Name) and node.value.id in constants), f"{where}: constant changed"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
            held = node.func.value
            assert not (isinstance(held, ast.Name) and held.id in constants), f"{where}: constant changed"


@each([path for path in OURS if path.parent == ROOT or "demos" in path.parts])
def test_handlers_are_named_functions(path):
    for node in nodes(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in EVENTS:
            given = [*node.args, *(k.value for k in node.keywords)]
            assert not any(isinstance(value, ast.Lambda) for value in given), f"line {node.lineno}: lambda in wiring"


@each([*OURS, *TESTS])
def test_a_file_says_what_it_is_and_stays_short(path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(tree(path)), "no docstring"
    assert len(text.splitlines()) < 400
    assert max(map(len, text.splitlines())) <= 140


@each([*OURS, *TESTS])
def test_names_say_what_they_mean(path):
    named = [path.stem, *(node.name for node in nodes(path)
                          if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))]
    words = {name: set(re.findall(r"[a-z]+", re.sub(r"([A-Z])", r" \1", name).lower())) for name in named}
    assert not [name for name, parts in words.items() if parts & VAGUE]


@each([path for path in OURS if path.parent != ROOT])
def test_the_tree_is_flat(path):
    assert len(path.relative_to(ROOT).parts) <= 3


@each(TEXTS)
def test_no_path_of_a_machine_and_nothing_unfinished(path):
    text = path.read_text(encoding="utf-8")
    assert not (found := MACHINE_PATH.search(text)), found
    assert not (found := UNFINISHED.search(text)), found


@each(TESTS)
def test_no_test_sleeps(path):
    calls = [ast.unparse(node.func) for node in nodes(path) if isinstance(node, ast.Call)]
    assert not [call for call in calls if call.split(".")[-1] in ("sleep", "wait_for_timeout")]


def test_what_is_shipped_is_small_and_safe():
    files = [path for path in (ROOT / "assets").rglob("*") if path.is_file()]
    sizes = {name_of(path): path.stat().st_size for path in files}
    assert not {name: size for name, size in sizes.items() if size >= 10e6}
    assert sum(sizes.values()) < 60e6
    assert not [name for name in sizes if name.endswith((".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin"))]


def run_alone(code):
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120,
                          env=os.environ | {"HF_HUB_OFFLINE": "1", "GRADIO_ANALYTICS_ENABLED": "False"})
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


BLOCK = """
import importlib, pkgutil, sys
class Wall:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {blocked}:
            raise ImportError(name + ' is behind the wall')
sys.meta_path.insert(0, Wall())
import {package}
for found in pkgutil.walk_packages({package}.__path__, '{package}.'):
    if not found.name.endswith('__main__'):
        importlib.import_module(found.name)
"""


@pytest.mark.parametrize("package", ["genai_core", "policy"])
def test_a_package_imports_whole_where_what_it_must_not_know_is_missing(package):
    blocked = FORBIDDEN[package] - {"fastapi", "starlette", "uvicorn"}  # which others may import for themselves
    run_alone(BLOCK.format(blocked=sorted(blocked), package=package))
