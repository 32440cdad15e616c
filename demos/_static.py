"""The figures' code as one file of its own: browsers keep it, so that only a first visit loads it."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demos._figures import code

NAME = "genlens.js"
A_YEAR = "public, max-age=31536000, immutable"  # the address changes with the content


def address() -> str:
    """Where the page finds the code, relative to itself."""
    return f"{NAME}?v={hashlib.sha256(code().encode()).hexdigest()[:12]}"


def head() -> str:
    """For `launch(head=...)`: loaded once, before the first figure is shown."""
    return f'<script src="{address()}"></script>'


def route() -> Route:
    """For the app's own routes."""
    text = code()

    def answer(request: Request) -> Response:
        return Response(text, media_type="text/javascript", headers={"Cache-Control": A_YEAR})

    return Route(f"/{NAME}", answer)
