"""Keeps a process on this machine: any look-up or connection beyond the loopback is refused and remembered."""

import contextlib
import ipaddress
import os
import sys

REFUSED: list[str] = []  # what was refused, in order
LOCAL_NAMES = {None, "", b"", "localhost", b"localhost", "0.0.0.0", "::"}


def is_local(host) -> bool:
    """True for this machine: its names, and every loopback address."""
    if host in LOCAL_NAMES:
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    return False


def refuse_outside(event: str, args: tuple) -> None:
    """Audit hook: no name look-up and no connection to another machine."""
    if event in ("socket.connect", "socket.sendto") and isinstance(args[1], tuple):
        host = args[1][0]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = args[0]
    else:
        return
    if not is_local(host):
        REFUSED.append(f"{event} {host}")
        if note := os.environ.get("GENLENS_REFUSED"):
            with open(note, "a", encoding="utf-8") as file:
                file.write(f"{event} {host}\n")
        raise ConnectionRefusedError(f"tests are offline: {event} {host}")


def stand() -> None:
    sys.addaudithook(refuse_outside)
