"""A visitor without a browser: speaks to the page's server as Gradio's own script does, and can misbehave."""

import copy
import json
import secrets
import socket
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

import serving
from gradio_client.utils import apply_diff


@dataclass(frozen=True)
class Handler:
    """One event of the page: its number, what it takes by name of component, and what it fills by elem_id."""

    number: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass
class Visitor:
    """One visit with a session of its own. `settings` are the page's defaults by elem_id, to be changed."""

    url: str
    session: str = field(default_factory=lambda: secrets.token_hex(6))
    config: dict = None  # of the page; asked for where it is not given

    def __post_init__(self):
        self.config = self.config or json.loads(serving.get(self.url + "config"))
        self.parts = {part["id"]: part for part in self.config["components"]}
        self.settings = {self.name(i): copy.deepcopy(part["props"].get("value")) for i, part in self.parts.items()}

    def another(self) -> "Visitor":
        """Somebody else on the same page, in a session of their own."""
        return Visitor(self.url, config=self.config)

    def name(self, number: int) -> str:
        return self.parts[number]["props"].get("elem_id") or f"{self.parts[number]['type']}-{number}"

    def handler(self, elem_id: str, event: str = "click") -> Handler:
        """The event of the component with this elem_id."""
        for dependency in self.config["dependencies"]:
            if any(target and self.name(target) == elem_id and kind == event for target, kind in dependency["targets"]):
                return Handler(dependency["id"], tuple(map(self.name, dependency["inputs"])),
                               tuple(map(self.name, dependency["outputs"])))
        raise LookupError(f"the page has no event {event} of {elem_id}")

    def arrive(self) -> None:
        """What the page itself asks when it has loaded: a visit of its own."""
        loaded = next(d for d in self.config["dependencies"] if any(kind == "load" for _, kind in d["targets"]))
        self.ask(Handler(loaded["id"], (), tuple(map(self.name, loaded["outputs"]))))

    def body(self, handler: Handler, told: dict | None = None) -> bytes:
        data = [self.settings[name] for name in handler.inputs]
        return json.dumps({"data": data, "fn_index": handler.number, "session_hash": self.session,
                           "trigger_id": None, "event_data": told}).encode()

    def post(self, path: str, body: bytes) -> dict:
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=serving.PATIENCE_S) as answer:
            return json.loads(answer.read())

    def ask(self, handler: Handler, told: dict | None = None) -> dict:
        """A light event, answered at once: {elem_id: value}. told: what a picture or an example says with it."""
        got = self.post("gradio_api/run/predict", self.body(handler, told))["data"]
        return dict(zip(handler.outputs, got, strict=True))

    def begin(self, handler: Handler) -> "Stream":
        """A queued event; its stream of answers."""
        self.post("gradio_api/queue/join", self.body(handler))
        return Stream(self, handler)


class Stream:
    """The open connection on which a queued event's answers come. Iterate over it, close it, or just stop reading."""

    def __init__(self, visitor: Visitor, handler: Handler):
        self.handler, where = handler, urllib.parse.urlsplit(visitor.url)
        self.socket = socket.create_connection((where.hostname, where.port), serving.PATIENCE_S)
        path = f"/gradio_api/queue/data?session_hash={visitor.session}"
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\nAccept: text/event-stream\r\n\r\n".encode())
        self.lines = self.socket.makefile("rb")

    def messages(self):
        """Every message, as Gradio sends them."""
        for line in self.lines:
            if line.startswith(b"data: "):
                yield json.loads(line[6:])

    def __iter__(self):
        """What each answer newly says: {elem_id: value or difference} as it was sent; ends with the event."""
        for message in self.messages():
            if message["msg"] in ("process_generating", "process_completed"):
                said = message["output"].get("data") or []
                yield {name: value for name, value in zip(self.handler.outputs, said, strict=False)}
            if message["msg"] in ("process_completed", "close_stream"):
                return

    def shown(self):
        """What the page would show after each answer: {elem_id: value}. Differences are put together here."""
        whole, seen = None, {}
        for message in self.messages():
            if message["msg"] in ("process_generating", "process_completed"):
                data = message["output"].get("data")
                if data is not None and message["msg"] == "process_generating" and whole is not None:
                    whole = [apply_diff(old, edits) for old, edits in zip(whole, data, strict=True)]
                elif data:
                    whole = data
                for name, value in zip(self.handler.outputs, whole or [], strict=True if whole else False):
                    if not (isinstance(value, dict) and value.get("__type__") == "update"):
                        seen[name] = value
                    elif "value" in value:
                        seen[name] = value["value"]
                yield dict(seen)
            if message["msg"] in ("process_completed", "close_stream"):
                return

    def close(self) -> None:
        self.lines.close()
        self.socket.close()
