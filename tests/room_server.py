"""The rooms' pages alone, served in a process of their own: what can be killed and started again in a second."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from demos._room_page import RoomPage

if __name__ == "__main__":
    uvicorn.run(Starlette(routes=[Mount("/discuss", RoomPage().app())]), port=int(sys.argv[1]), log_level="warning")
