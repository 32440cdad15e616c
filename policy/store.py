"""Where rooms live: a small database through SQLAlchemy, SQLite by default, another one by DATABASE_URL.

What is acknowledged has been committed, and SQLite is told to wait for the disk (WAL, synchronous=FULL): a killed server
loses nothing that it said yes to. Nothing personal is kept: a device is the hash of a random number that its browser made,
and no name, address or time of a vote is stored.
"""

import contextlib
import os
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import (Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text, create_engine, delete,
                        event, exc)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url

from policy.errors import BadInput

ROOT = Path(__file__).resolve().parent.parent
FILE = "rooms.sqlite3"
SPACE_DISK = "/data"      # where a Hugging Face Space mounts storage that outlives a restart
BUSY_MS = 15_000          # how long a writer waits for another process
DRIVERS = {"sqlite": "sqlite+pysqlite", "postgres": "postgresql+pg8000", "postgresql": "postgresql+pg8000"}
UPSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
LOCK_NUMBER = 4630        # PostgreSQL's advisory lock while the tables are made

TABLES = MetaData()


def _room():
    return Column("room", String(12), ForeignKey("genlens_rooms.code"), primary_key=True)


ROOMS = Table("genlens_rooms", TABLES, Column("code", String(12), primary_key=True), Column("steer", String(64)),
              Column("expires", Float, nullable=False), Column("ended", Boolean, nullable=False, default=False),
              Column("locked", Boolean, nullable=False, default=False), Column("version", Integer, nullable=False),
              Column("stage", Text, nullable=False), Index("genlens_rooms_steer", "steer"))
DEVICES = Table("genlens_devices", TABLES, _room(), Column("device", String(64), primary_key=True))
CASES = Table("genlens_cases", TABLES, _room(), Column("id", String(24), primary_key=True), Column("title", Text),
              Column("text", Text), Column("twist", Text))
ASKED = Table("genlens_asked", TABLES, _room(), Column("item", String(40), primary_key=True),
              Column("round", Integer, primary_key=True), Column("twist", Text, nullable=False), Column("place", Integer))
VOTES = Table("genlens_votes", TABLES, _room(), Column("device", String(64), primary_key=True),
              Column("item", String(40), primary_key=True), Column("round", Integer, primary_key=True),
              Column("intent", Float), Column("impact", Float), Column("choice", String(24)), Column("why", Text),
              Column("hidden", Boolean, nullable=False, default=False))
LINKS = Table("genlens_links", TABLES, _room(), Column("game", Integer, primary_key=True),
              Column("chain", Integer, primary_key=True), Column("place", Integer, primary_key=True),
              Column("device", String(64)), Column("body", Text, nullable=False))
CLAIMS = Table("genlens_claims", TABLES, _room(), Column("game", Integer, primary_key=True),
               Column("chain", Integer, primary_key=True), Column("device", String(64)), Column("until", Float))
CONTENT = (CLAIMS, LINKS, VOTES, ASKED, CASES, DEVICES)  # all that a room holds, children first


class Unavailable(BadInput):
    """The database cannot be reached just now; nothing was changed, and trying again may help."""


@dataclass
class _Piece:
    """One caller's work, and what became of it."""

    work: Callable
    answer: object = None
    error: Exception | None = None
    done: bool = False


class Store:
    """One database. `writing` and `reading` give a connection in a transaction of its own; safe from many threads."""

    def __init__(self, url: str | URL):
        url = make_url(url)
        if url.get_backend_name() not in UPSERT:
            raise BadInput(f"DATABASE_URL names {url.get_backend_name()!r}; rooms can be kept in sqlite or postgresql.")
        self.kind, self.place = url.get_backend_name(), url.render_as_string(hide_password=True)
        lite = self.kind == "sqlite"
        # SQLite has one writer at a time: waiting for a lock here is fair and wakes at once, its own waiting is neither.
        self._turn = threading.Lock() if lite else contextlib.nullcontext()
        self.engine = create_engine(url, pool_size=10, max_overflow=30, pool_pre_ping=not lite,
                                    **({"connect_args": {"check_same_thread": False}} if lite else {}))
        if lite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._leading, self._waiting = threading.Lock(), deque()
        self._writer = self.engine.execution_options(writes=True)
        with self.writing() as connection:
            if not lite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})")
            TABLES.create_all(connection)

    @contextlib.contextmanager
    def writing(self):
        """A transaction that is committed when the block ends, and not otherwise."""
        with self._turn, _reached(), self._writer.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def reading(self):
        with _reached(), self.engine.begin() as connection:
            yield connection

    def together(self, work):
        """work(connection), in one transaction with whatever else waits at this moment. -> what it returned

        Waiting for the disk is the dear part of a vote, and this way two hundred of them wait a few times and not two
        hundred times. Each has a savepoint of its own, so that one that raises takes nobody along; all are answered
        after the commit, and none before.
        """
        mine = _Piece(work)
        self._waiting.append(mine)
        with self._leading:
            if not mine.done:
                self._lead()
        if mine.error:
            raise mine.error
        return mine.answer

    def _lead(self) -> None:
        pieces = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            with self.writing() as connection:
                for piece in pieces:
                    try:
                        with connection.begin_nested():
                            piece.answer = piece.work(connection)
                    except exc.SQLAlchemyError:
                        raise
                    except Exception as error:  # its savepoint is undone, the others go on
                        piece.error = error
        except Exception as error:  # nothing was committed: each of them is told, whoever led
            for piece in pieces:
                piece.error = error
        for piece in pieces:
            piece.done = True

    def put(self, connection, table: Table, key: dict, values: dict) -> None:
        """Write a row, or change it where the key is there already: the same call twice is the same as once."""
        row = UPSERT[self.kind](table).values(**key, **values)
        connection.execute(row.on_conflict_do_update(index_elements=list(key), set_=values) if values
                           else row.on_conflict_do_nothing(index_elements=list(key)))

    def empty(self, connection, code: str) -> None:
        """Delete all that a room holds; the room's own row stays."""
        for table in CONTENT:
            connection.execute(delete(table).where(table.c.room == code))

    def close(self) -> None:
        self.engine.dispose()


def _prepare_sqlite(connection, _) -> None:
    connection.isolation_level = None  # transactions begin where we say, see _begin_sqlite
    for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


@contextlib.contextmanager
def _reached():
    try:
        yield
    except (exc.DBAPIError, exc.TimeoutError) as error:
        gone = isinstance(error, exc.OperationalError | exc.InterfaceError | exc.TimeoutError) or error.connection_invalidated
        if not gone:
            raise
        raise Unavailable("The room's database does not answer just now. Nothing is lost; try again in a moment.") from error


def database_url(environment=os.environ) -> str:
    """DATABASE_URL with the driver that is installed, or an SQLite file in the first folder that can be written."""
    given = environment.get("DATABASE_URL", "").strip()
    if given:
        kind, colon, rest = given.partition("://")
        if not colon:
            raise BadInput("DATABASE_URL is no address; it looks like postgresql://user:password@host/name or sqlite:///file.")
        return f"{DRIVERS.get(kind, kind)}://{rest}"
    return f"sqlite+pysqlite:///{folder(environment) / FILE}"


def folder(environment=os.environ) -> Path:
    """GENLENS_ROOMS; else a Space's storage where it is attached; else runs/ of this tree; else the system's own place
    for what may be lost."""
    if given := environment.get("GENLENS_ROOMS"):
        wanted = [Path(given)]
    else:
        wanted = [ROOT / "runs" / "rooms", Path(tempfile.gettempdir()) / "genlens-rooms"]
        if environment.get("SPACE_ID"):
            wanted = [Path(SPACE_DISK), *wanted]
    for place in wanted:
        with contextlib.suppress(OSError):
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place):
                return place
    raise BadInput(f"Rooms need a folder to write to, and {', '.join(map(str, wanted))} cannot be written. "
                   "Set GENLENS_ROOMS to one, or DATABASE_URL to a database.")


@cache
def opened(url: str) -> Store:
    """The store at this address, one for the whole process."""
    return Store(url)
