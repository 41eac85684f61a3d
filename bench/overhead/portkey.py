"""Portkey's gateway as its authors run it: `node build/start-server.js`, production, headless.

Production mode leaves out its console and the log of requests it keeps for that. It has no
configuration: where to ask comes with each request, in headers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.overhead.installing import node_packages
from bench.overhead.system import OverHttp
from bench.processes import ROOT, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from bench.overhead.system import Loaded, Stage

SOURCE = ROOT / "bench" / "portkey"
_PROGRAM = "node_modules/@portkey-ai/gateway/build/start-server.js"


def start(stage: Stage) -> Loaded:
    """The gateway, installed on the first run."""
    folder = node_packages("portkey", SOURCE)
    port = free_port()
    command: list[str | Path] = ["node", folder / _PROGRAM, f"--port={port}", "--headless"]
    server = stage.serve(command, port=port, ready="/", env={"NODE_ENV": "production"})
    headers = (
        ("authorization", "Bearer bench"),
        ("x-portkey-provider", "openai"),
        ("x-portkey-custom-host", f"{stage.upstream}/v1"),
    )
    return OverHttp(server, "/v1/chat/completions", headers=headers)
