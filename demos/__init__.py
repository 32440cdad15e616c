"""The tabs. One public module here is one tab: drop a file, it appears. A leading underscore means shared, no tab.

A tab module ends in `TAB = Tab(group, order, title, build)`. Its module name is its key in links, and kept for ever.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, replace

GROUPS = ("Make", "Learn", "Impact", "Decide")


@dataclass(frozen=True)
class Tab:
    """group: one of GROUPS. order: place within the group, small first, no two alike. title: at most 24 characters.

    build(place): lays the tab out inside an open gr.Tab; `place` is a demos._page.Place. key: set by find_tabs.
    light: makes a small ASGI app with pages of its own beside the big one, served under /<key>/: that is where the phones
    of a class go. It is made once, at start, and shared by all visitors. lab: whether it has a lab's frame, with Run and Stop.
    kept(key) -> {elem_id: data}: what stands still in the tab, sent in the file that browsers keep (see demos._static).
    """

    group: str
    order: int
    title: str
    build: Callable
    key: str = ""
    light: Callable | None = None
    lab: bool = False
    kept: Callable[[str], dict] | None = None


class BrokenTab(Exception):
    """A tab module that cannot be used; says which and why. Raised at start: no tab is dropped in silence."""


def load_tab(package: str, name: str) -> Tab:
    """The TAB of one module, checked."""
    try:
        module = importlib.import_module(f"{package}.{name}")
    except Exception as error:
        raise BrokenTab(f"{package}/{name}.py cannot be imported: {type(error).__name__}: {error}") from error
    tab = getattr(module, "TAB", None)
    if not isinstance(tab, Tab):
        raise BrokenTab(f"{package}/{name}.py has no TAB = Tab(group, order, title, build); "
                        "a module that is no tab starts with an underscore")
    if tab.group not in GROUPS:
        raise BrokenTab(f"{package}/{name}.py: group must be one of {', '.join(GROUPS)}, got {tab.group!r}")
    if not 1 <= len(tab.title) <= 24:
        raise BrokenTab(f"{package}/{name}.py: a title has 1 to 24 characters so that it fits a phone, got {tab.title!r}")
    return replace(tab, key=name)


def find_tabs(package: str = __name__) -> list[Tab]:
    """Every tab of the package, by group and order. Raises BrokenTab for a bad module or a clash."""
    path = importlib.import_module(package).__path__
    names = sorted(m.name for m in pkgutil.iter_modules(path) if not m.name.startswith("_"))
    tabs = [load_tab(package, name) for name in names]
    seen: dict[tuple, Tab] = {}
    for tab in tabs:
        for claim in ((tab.group, tab.order), (tab.group, tab.title.casefold())):
            other = seen.setdefault(claim, tab)
            if other is not tab:
                raise BrokenTab(f"{package}/{other.key}.py and {package}/{tab.key}.py both claim "
                                f"{claim[1]!r} in group {tab.group}")
    return sorted(tabs, key=_shelf)


def _shelf(tab: Tab) -> tuple[int, int]:
    return GROUPS.index(tab.group), tab.order


def light_pages(tabs: list[Tab]) -> list:
    """The routes of the tabs' own light pages, for the server; /<key> leads to /<key>/."""
    from starlette.responses import RedirectResponse
    from starlette.routing import Mount, Route

    def lead(key):
        async def to_its_folder(request):
            return RedirectResponse(f"{key}/", headers={"Referrer-Policy": "no-referrer"})
        return to_its_folder

    return [route for tab in tabs if tab.light
            for route in (Route(f"/{tab.key}", lead(tab.key)), Mount(f"/{tab.key}", tab.light()))]
