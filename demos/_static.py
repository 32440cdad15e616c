"""The figures' code, and what stands still in the tabs, as one file of its own: browsers keep it, so that only a first visit
loads it. What is in it need not travel with every page."""

import hashlib
import json
from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demos._figures import code
from demos._style import A_YEAR
from demos._words import words
from policy import energy

NAME = "genlens.js"


@cache
def kept() -> dict:
    """{elem_id: what its script takes from here}: the electricity grids, and of every tab what it says stands still in it."""
    from demos import find_tabs

    parts = {elem_id: part for tab in find_tabs() if tab.kept for elem_id, part in tab.kept(tab.key).items()}
    return {"grid": energy.zones(), "grid-info": words("_page")["grid"]} | parts


def holds(elem_id: str, part) -> bool:
    """Whether the browser has this already; where not, the page itself must carry it."""
    return kept().get(elem_id) == part


@cache
def text() -> str:
    return f"{code()}\ngenlens.kept = {json.dumps(kept(), ensure_ascii=False, separators=(',', ':'))};\n"


def address() -> str:
    """Where the page finds the file, relative to itself; the address changes with the content."""
    return f"{NAME}?v={hashlib.sha256(text().encode()).hexdigest()[:12]}"


def head() -> str:
    """For `launch(head=...)`: loaded once, before the first figure is shown."""
    return f'<script src="{address()}"></script>'


def route() -> Route:
    """For the app's own routes."""
    def answer(request: Request) -> Response:
        return Response(text(), media_type="text/javascript", headers={"Cache-Control": A_YEAR})

    return Route(f"/{NAME}", answer)
