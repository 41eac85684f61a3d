"""The ports of the simulated vendors: one they share, and those of places that can be closed by themselves."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from providers.simulator.config import SimulatorConfig
    from providers.simulator.places import Place

_BACKLOG = 2048
_TURNS, _TURN_S = 200, 0.005
# SO_LINGER with a time of zero: closing sends RST instead of FIN (socket(7)).
_LINGER_ZERO = struct.pack("ii", 1, 0)


class Listeners:
    """Sockets bound for the simulator, and for each place that has one of its own.

    Raises OSError when an address is taken or not ours; nothing is left bound then.
    """

    def __init__(self, config: SimulatorConfig, host: str, port: int) -> None:
        self._host = host
        self._bound: dict[Place, socket.socket] = {}
        self._serving: dict[Place, asyncio.AbstractServer] = {}
        self._turning = asyncio.Lock()
        self.shared = _bind(host, port)
        self.shared.listen(_BACKLOG)
        self.ports: dict[Place, int] = {}
        try:
            for number, door in enumerate(config.doors, 1):
                wanted = door.port if door.port is not None else port and port + number
                self._bound[door.place] = bound = _bind(host, wanted)
                self.ports[door.place] = bound.getsockname()[1]
        except OSError:
            self.close()
            raise

    @property
    def port(self) -> int:
        """The port that all vendors share."""
        port: int = self.shared.getsockname()[1]
        return port

    async def turn(
        self,
        down: Collection[Place],
        protocol: Callable[[], asyncio.Protocol],
        connections: Iterable[Any],
    ) -> None:
        """Listen for all places but those that are ``down``; these reset what is connected to them."""
        async with self._turning:
            loop = asyncio.get_running_loop()
            for place, port in self.ports.items():
                if place in down:
                    if (server := self._serving.pop(place, None)) is not None:
                        server.close()
                        # Bound without listening: the port stays ours, and refuses.
                        self._bound[place] = await _bind_again(self._host, port)
                        _reset(port, connections)
                elif place not in self._serving:
                    self._serving[place] = await loop.create_server(
                        protocol, sock=self._bound[place], backlog=_BACKLOG
                    )

    def close(self) -> None:
        """Give all ports back."""
        for server in self._serving.values():
            server.close()
        self._serving.clear()
        for bound in (self.shared, *self._bound.values()):
            bound.close()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        error.filename = f"{host}:{port}"
        raise
    return bound


async def _bind_again(host: str, port: int) -> socket.socket:
    """Bind a port that is being closed: uvloop lets go of it a turn of the loop or two later."""
    for _ in range(_TURNS):
        try:
            return _bind(host, port)
        except OSError:
            await asyncio.sleep(_TURN_S)
    return _bind(host, port)


def _reset(port: int, connections: Iterable[Any]) -> None:
    for connection in list(connections):
        transport = connection.transport
        sock = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):  # gone already
            if sock is not None and sock.getsockname()[1] == port:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
                transport.abort()
