"""Ourselves: one worker with a database, all that a production request goes through, nothing off."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.gateway_environment import gateway_environment
from bench.overhead.system import OverHttp
from bench.processes import free_port

if TYPE_CHECKING:
    from bench.overhead.system import Loaded, Stage
    from bench.processes import Server


def consensus(stage: Stage) -> Loaded:
    """Three vendors asked, compared and decided: `POST /api/v1/generate`."""
    return OverHttp(_server(stage, "consensus"), "/api/v1/generate")


def single(stage: Stage) -> Loaded:
    """One vendor's answer through the OpenAI-compatible face: `POST /v1/chat/completions`."""
    return OverHttp(_server(stage, "single"), "/v1/chat/completions", model="gpt")


def _server(stage: Stage, name: str) -> Server:
    """A gateway of its own with a database of its own, so that neither pays for the other's records."""
    port = free_port()
    database = stage.folder / f"{name}.sqlite3"
    env = gateway_environment(stage.upstream) | {
        "DATABASE_URL": f"sqlite+aiosqlite:///{database}",
        "LEARNING_STORAGE_DIR": str(stage.folder / f"{name}-learning"),
    }
    command: list[str | Path] = [Path(sys.executable).parent / "wallbounce", "serve"]
    command += ["--port", str(port)]
    return stage.serve(command, port=port, ready="/health/ready", env=env)
