"""The page's own style as one file that browsers keep. Gradio's page waits for it before it shows anything.

Gradio's widgets bring rules of their own, loaded later and about as specific as ours, so each of our rules is written
twice: as it is, and once more for the inside of Gradio's page, where it then wins.
"""

import re
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).resolve().parent.parent / "assets"
FRAME = ".gradio-container"
INSIDE = ".gradio-container.gradio-container .contain"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
WHOLE = re.compile(r"^(:root|html|body|\.dark)$")  # what contains Gradio's page
DARK = re.compile(r"^(\.dark|body:not\(\.dark\))\s+(.+)$", re.DOTALL)
A_YEAR = "public, max-age=31536000, immutable"  # the address changes with the content


@cache
def style(folder: Path = FOLDER) -> str:
    """All of assets/*.css, style.css first, ready to be served."""
    first = folder / "style.css"
    return "\n".join(doubled(path.read_text(encoding="utf-8")) for path in [first, *sorted(set(folder.glob("*.css")) - {first})])


def doubled(css: str) -> str:
    """The rules, each for the whole page and again for the inside of Gradio's. Rules may stand in @media and
    @container, not in each other."""
    out = []
    for head, body in blocks(COMMENT.sub("", css)):
        if head.startswith(("@media", "@container")):
            out.append(f"{head}{{{doubled(body)}}}")
        elif head.startswith("@"):
            raise ValueError(f"the page's style knows @media and @container only, got {head!r}")
        else:
            selectors = parts(head)
            out.append(f"{','.join(selectors + [inside(s) for s in selectors if not WHOLE.match(s)])}{{{body.strip()}}}")
    return "\n".join(out)


def inside(selector: str) -> str:
    """The same for what stands inside Gradio's page, light or dark; for a part of its frame, as specific."""
    if selector.startswith(FRAME):
        return FRAME * 2 + selector
    found = DARK.match(selector)
    return f"{found[1]} {INSIDE} {found[2]}" if found else f"{INSIDE} {selector}"


def blocks(css: str):
    """(what stands before the brace, what stands inside) for each outermost pair of braces."""
    start = depth = opened = 0
    for at, sign in enumerate(css):
        if sign == "{":
            depth += 1
            opened = at if depth == 1 else opened
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield css[start:opened].strip(), css[opened + 1:at]
                start = at + 1
    if depth or css[start:].strip():
        raise ValueError(f"braces do not match, or text stands outside them: {css[start:start + 60].strip()!r}")


def parts(selectors: str) -> list[str]:
    """A list of selectors, one by one; a comma in brackets separates nothing."""
    found, depth = [""], 0
    for sign in selectors:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            found.append("")
        else:
            found[-1] += sign
    return [" ".join(part.split()) for part in found]


def route() -> Route:
    """Gradio's own address for a theme, answered so that browsers keep it: its query is a hash of what is in it."""
    def answer(request: Request) -> Response:
        kept = {"Cache-Control": A_YEAR} if request.query_params.get("v") else {}
        return Response(request.app.get_blocks().theme_css, media_type="text/css", headers=kept)

    return Route("/theme.css", answer)
