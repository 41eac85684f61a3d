"""What the gateway holds while nobody asks it anything: tasks, connections, files, and calls at the vendors."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import psutil

from bench.processes import DIRECT
from bench.soak.faulty_vendors import STATS

if TYPE_CHECKING:
    from bench.processes import Server

SETTLED_WITHIN_S = 60.0
"""Idle connections to vendors are kept for 20 s, those of callers for 5 s: three times the longer."""

LAST_S = 15.0
_POLL_S = 1.0
DATABASE_HANDLES = 24
"""Handles of SQLite's files that are no leak: a pool opens up to three connections as they are needed, the
writer one, each with two files; and SQLite keeps what it closes for the next to open while another
connection holds a lock (sqlite.org/src, os_unix.c, "pending close")."""

_DATABASE = re.compile(r"\.sqlite3(?:-wal|-shm|-journal)?$")
_NUMBER = re.compile(r":\[\d+\]$")
_OPEN_STATES = frozenset({psutil.CONN_ESTABLISHED, psutil.CONN_CLOSE_WAIT, psutil.CONN_SYN_SENT})


@dataclass(frozen=True, slots=True)
class Held:
    """What the gateway holds.

    Asyncio tasks, TCP connections in either direction, file descriptors (those of the database
    apart), calls that the vendors are still at, requests in flight.
    """

    tasks: int
    connections: int
    file_descriptors: int
    database_handles: int
    calls: int
    requests: int

    def json(self) -> dict[str, int]:
        """By name."""
        return asdict(self)

    def beyond(self, idle: Held) -> Held:
        """What is more than an idle gateway holds; holding less of one makes up for no other."""
        before = idle.json()
        before["database_handles"] = max(before["database_handles"], DATABASE_HANDLES)
        return Held(**{name: max(0, n - before[name]) for name, n in self.json().items()})

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.json().values())


def held(gateway: Server, vendors: Server) -> Held:
    """Look once. Asking costs a task and a connection, the same each time."""
    metrics = _get(f"{gateway.url}/metrics").decode()
    process = psutil.Process(gateway.pid)
    open_ = [c for c in process.net_connections(kind="tcp") if c.status in _OPEN_STATES]
    files = open_files(gateway)
    database = sum(n for name, n in files.items() if _DATABASE.search(name))
    return Held(
        tasks=_figure(metrics, "asyncio_tasks"),
        connections=len(open_),
        file_descriptors=sum(files.values()) - database,
        database_handles=database,
        calls=stats(vendors)["open"],
        requests=_figure(metrics, "wallbounce_requests_in_flight"),
    )


def settled(gateway: Server, vendors: Server) -> Held:
    """What is held once pools have run dry: the most of each over the last of `SETTLED_WITHIN_S`.

    The most, because files and tasks come with work that is done now and then; something lost a request
    would be thousands.
    """
    time.sleep(SETTLED_WITHIN_S - LAST_S)
    seen = [held(gateway, vendors).json()]
    until = time.monotonic() + LAST_S
    while time.monotonic() < until:
        time.sleep(_POLL_S)
        seen.append(held(gateway, vendors).json())
    return Held(**{name: max(one[name] for one in seen) for name in seen[0]})


def back_at(idle: Held, gateway: Server, vendors: Server) -> Held:
    """What is held once no more than ``idle`` is, or after `SETTLED_WITHIN_S`."""
    until = time.monotonic() + SETTLED_WITHIN_S
    seen = held(gateway, vendors)
    while seen.beyond(idle).total and time.monotonic() < until:
        time.sleep(_POLL_S)
        seen = held(gateway, vendors)
    return seen


def open_files(gateway: Server) -> dict[str, int]:
    """What its file descriptors are: sockets, pipes, files by name; their number where there is no `/proc`."""
    folder = Path(f"/proc/{gateway.pid}/fd")
    if not folder.is_dir():
        return {"all": psutil.Process(gateway.pid).num_fds()}
    kinds: Counter[str] = Counter()
    for entry in folder.iterdir():
        try:
            target = entry.readlink()
        except FileNotFoundError:
            continue  # closed meanwhile
        kinds[_NUMBER.sub("", target.name)] += 1
    return dict(kinds)


def stats(vendors: Server) -> dict[str, Any]:
    """What the vendors have seen."""
    seen: dict[str, Any] = orjson.loads(_get(vendors.url + STATS))
    return seen


def _figure(metrics: str, name: str) -> int:
    found = re.search(rf"^{name} (\S+)$", metrics, re.MULTILINE)
    if found is None:
        raise ValueError(f"the gateway's metrics do not tell {name}")
    return int(float(found[1]))


def _get(url: str) -> bytes:
    with DIRECT.open(url, timeout=10.0) as answer:
        body: bytes = answer.read()
        return body
