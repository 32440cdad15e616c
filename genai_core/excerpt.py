"""The source of a function with all of our own that it stands on, as code that runs without this package.

Nothing is written anew: definitions are cut out of their modules word for word. Only imports from this package are taken
out, and what was reached through a module (`schedulers.factor`) is put under a name of that module.
"""

import ast
import importlib
import importlib.util
import inspect
import symtable
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

OURS = __name__.partition(".")[0]
BOUND = (ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def _is_ours(module: str | None) -> bool:
    return module is not None and module.partition(".")[0] == OURS


def _is_module(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _names(node: ast.AST) -> list[str]:
    """The names that a top-level statement binds."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [leaf.id for target in targets for leaf in ast.walk(target) if isinstance(leaf, ast.Name)]


def _from_us(node: ast.AST) -> list[tuple[str, str, str | None]]:
    """(name bound here, module, attribute or None for the module itself) of each import from this package."""
    found = []
    for alias in node.names if isinstance(node, ast.ImportFrom) and _is_ours(node.module) else ():
        whole = f"{node.module}.{alias.name}"
        module, attribute = (whole, None) if _is_submodule(node.module, alias.name) else (node.module, alias.name)
        found.append((alias.asname or alias.name, module, attribute))
    return found


def _is_submodule(package: str, name: str) -> bool:
    return hasattr(importlib.import_module(package), "__path__") and _is_module(f"{package}.{name}")


def _globals(table: symtable.SymbolTable) -> set[str]:
    """The names that code reads from the module it stands in."""
    top = table.get_type() == "module"
    found = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())}
    return found.union(*map(_globals, table.get_children()))


@dataclass(frozen=True)
class Piece:
    """One top-level statement of a module: its lines, the names it needs from its own module, and from others of ours."""

    first: int
    text: str
    own: frozenset[str]
    others: frozenset[tuple[str, str]]    # (module, attribute)
    through: frozenset[tuple[str, str]]   # (module, attribute) reached as module.attribute


@dataclass(frozen=True)
class Source:
    """A module of ours, read as text."""

    name: str

    @cached_property
    def text(self) -> str:
        return inspect.getsource(importlib.import_module(self.name))

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def statements(self) -> dict[str, ast.AST]:
        return {name: node for node in self.tree.body if isinstance(node, BOUND) for name in _names(node)}

    @cached_property
    def borrowed(self) -> dict[str, tuple[str, str | None]]:
        return {name: (module, attribute) for node in self.tree.body for name, module, attribute in _from_us(node)}

    @cached_property
    def imports(self) -> dict[str, str]:
        """{name: statement} of what comes from elsewhere."""
        found = {}
        for node in self.tree.body:
            if isinstance(node, ast.Import) or isinstance(node, ast.ImportFrom) and not _is_ours(node.module):
                for alias in node.names:
                    kept = type(node)(**{**{k: getattr(node, k) for k in node._fields}, "names": [alias]})
                    found[alias.asname or alias.name.partition(".")[0]] = ast.unparse(kept)
        return found

    def piece(self, name: str) -> Piece:
        node = self.statements[name]
        lines = self.text.split("\n")
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        borrowed, others, through = dict(self.borrowed), set(), set()
        kept: dict[int, str | None] = {}  # lines with an import of ours, and what stands there instead
        for inner in ast.walk(node):
            if given := _from_us(inner):
                told = []
                for bound, module, attribute in given:
                    borrowed[bound] = module, attribute
                    if attribute and bound != attribute:
                        told.append(f"{' ' * inner.col_offset}{bound} = globals()[{attribute!r}]")
                kept |= dict.fromkeys(range(inner.lineno, inner.end_lineno + 1))
                kept[inner.lineno] = "\n".join(told) or None
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
                module, attribute = borrowed.get(inner.value.id, (None, "-"))
                if module and attribute is None:
                    through.add((module, inner.attr))
        used = _globals(symtable.symtable("\n".join(lines[first - 1:node.end_lineno]), self.name, "exec"))
        others |= {place for bound, place in borrowed.items() if place[1] and (bound in used or bound not in self.borrowed)}
        text, skipped = [], False
        for number in range(first, node.end_lineno + 1):
            line = kept[number] if number in kept else lines[number - 1]
            if line is None or skipped and not line.strip():
                skipped = True
                continue
            skipped = False
            text.append(line)
        return Piece(first, "\n".join(text), frozenset(used & (self.statements.keys() | self.imports.keys())), frozenset(others),
                     frozenset(through))


@dataclass
class Excerpt:
    """imports: statements for the top. chapters: (module, its docstring, code), each after those that it stands on."""

    imports: list[str] = field(default_factory=list)
    chapters: list[tuple[str, str, str]] = field(default_factory=list)


def excerpt(*things: tuple[str, str], given: Mapping[tuple[str, str], str] | None = None) -> Excerpt:
    """Everything that these stand on. things: (module, name). given: {(module, name): code} to stand in place of ours.

    Raises ValueError where two things of one name would be needed: the code shares one space of names.
    """
    given = dict(given or {})
    sources: dict[str, Source] = {}
    wanted: dict[str, dict[str, Piece | None]] = {}
    reached: dict[str, set[str]] = {}
    stands_on: dict[str, list[str]] = {}
    waiting, imports = list(things), {}
    while waiting:
        module, name = waiting.pop(0)
        source = sources.setdefault(module, Source(module))
        found = wanted.setdefault(module, {})
        if name in found:
            continue
        if (module, name) in given:
            found[name] = None
            continue
        if name in source.borrowed and name not in source.statements:
            waiting.append(source.borrowed[name])
            continue
        piece = found[name] = source.piece(name)
        for need in piece.own:
            if need in source.statements:
                waiting.append((module, need))
            elif imports.setdefault(need, source.imports[need]) != source.imports[need]:
                raise ValueError(f"two different things are imported as {need!r}")
        for place in piece.others | piece.through:
            waiting.append(place)
            if place[0] not in stands_on.setdefault(module, []) and place[0] != module:
                stands_on[module].append(place[0])
        for other, attribute in piece.through:
            reached.setdefault(other, set()).add(attribute)
    order = _in_order([module for module, _ in things], stands_on, list(wanted))
    _refuse_clashes(wanted, imports, reached)
    found = Excerpt()
    for module in order:
        pieces, code, done = wanted[module], [], set()
        for name, piece in sorted(pieces.items(), key=lambda item: item[1].first if item[1] else 10**9):
            text = given.get((module, name)) if piece is None else piece.text
            if text and text not in done:
                done.add(text)
                code.append(text)
        if module in reached:
            short = module.rpartition(".")[2]
            members = ", ".join(f"{a}={a}" for a in sorted(reached[module]) if a in pieces)
            code.append(f"{short} = SimpleNamespace({members})")
            imports["SimpleNamespace"] = "from types import SimpleNamespace"
        found.chapters.append((module, (ast.get_docstring(sources[module].tree) or "").partition("\n\n")[0], _spaced(code)))
    found.imports = _merged(set(imports.values()))
    return found


def _spaced(code: list[str]) -> str:
    """Definitions two lines apart, constants below each other."""
    text = ""
    for piece in code:
        is_definition = piece.startswith(("def ", "class ", "@"))
        gap = "" if not text else "\n\n\n" if is_definition or text.endswith("\f") else "\n"
        text = text.removesuffix("\f") + gap + piece + ("\f" if is_definition else "")
    return text.removesuffix("\f")


def _merged(statements: set[str]) -> list[str]:
    """Import statements, those from one module in one line: the standard library's first."""
    plain, names = [], {}
    for statement in statements:
        if statement.startswith("import "):
            plain.append(statement)
        else:
            module, _, name = statement.removeprefix("from ").partition(" import ")
            names.setdefault(module, []).append(name)
    lines = sorted([*plain, *(f"from {module} import {', '.join(sorted(found))}" for module, found in names.items())],
                   key=lambda line: (line.split()[1], line))
    return sorted(lines, key=lambda line: line.split()[1].partition(".")[0] not in sys.stdlib_module_names)


def _in_order(starts: list[str], stands_on: Mapping[str, list[str]], modules: list[str]) -> list[str]:
    """Modules so that each comes after those it stands on, as far as that can be."""
    order: list[str] = []
    seen: set[str] = set()

    def visit(module: str) -> None:
        if module not in seen:
            seen.add(module)
            for other in sorted(stands_on.get(module, [])):
                visit(other)
            order.append(module)

    for module in [*starts, *modules]:
        visit(module)
    return [module for module in order if module in modules]


def _refuse_clashes(wanted, imports, reached) -> None:
    owner: dict[str, str] = dict.fromkeys(imports, "an import")
    for module, names in [*((m, list(n)) for m, n in wanted.items()), *((m, [m.rpartition(".")[2]]) for m in reached)]:
        for name in names:
            if owner.setdefault(name, module) != module:
                raise ValueError(f"{name!r} is needed from {module} and from {owner[name]}")
