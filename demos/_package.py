"""A lab's file to take home that is too large for a text: made when it is asked for, kept nowhere."""

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from demos._lab import Lab
from genai_core.errors import BadInput

NAME = "package.zip"
HEADERS = {"Content-Encoding": "identity",  # weights do not get smaller, so no middleware shall try
           "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def package_page(lab: Lab) -> Starlette:
    """Answers /package.zip?<the query of a link> with the zip of these settings, or 400 and a sentence."""

    async def package(request):
        try:
            given = request.query_params
            values = {name: control.read(given[name]) if name in given else control.default for name, control in lab.controls.items()}
            data = await run_in_threadpool(_packed, lab, values)
        except BadInput as error:
            return PlainTextResponse(str(error), 400)
        name = f"genlens-{given.get('tab', 'lab')}.zip" if given.get("tab", "").isidentifier() else "genlens.zip"
        return Response(data, media_type="application/zip", headers=HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'})

    return Starlette(routes=[Route(f"/{NAME}", package)])


def _packed(lab: Lab, values: dict) -> bytes:
    return lab.package(**lab.check(values))
