"""Free ports of the loopback interface, for the programs that tests start."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A TCP port nobody listens on; the kernel hands it out again only after it went round."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
