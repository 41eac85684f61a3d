"""Everything that can be measured, and how some of it is chosen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.overhead import litellm_proxy, portkey, tensorzero, wallbounce
from bench.overhead.system import Contender, OverHttp
from bench.processes import free_port

if TYPE_CHECKING:
    from bench.overhead.system import Loaded, Stage


def _bare_fanout(stage: Stage) -> Loaded:
    port = free_port()
    command: list[str | Path] = [Path(sys.executable), "-m", "uvicorn"]
    command += ["bench.overhead.bare_fanout:app", "--port", str(port)]
    command += ["--log-level", "warning", "--no-access-log"]
    env = {"BENCH_UPSTREAM": stage.upstream}
    server = stage.serve(command, port=port, ready="/health/ready", env=env)
    return OverHttp(server, "/v1/chat/completions")


CONTENDERS = (
    Contender("wallbounce", "ours", "wallbounce: consensus of 3", wallbounce.consensus),
    Contender("wallbounce_single", "ours", "wallbounce: single", wallbounce.single),
    Contender("litellm", "litellm", "LiteLLM proxy: single", litellm_proxy.start),
    Contender("portkey", "portkey", "Portkey: single", portkey.start),
    Contender("tensorzero_single", "tensorzero", "TensorZero: single", tensorzero.single),
    Contender(
        "tensorzero_mixture",
        "tensorzero",
        "TensorZero: mixture of 3",
        tensorzero.mixture,
    ),
    Contender("bare_fanout", "bare", "bare fan-out to 3", _bare_fanout),
)


def chosen(words: str) -> tuple[Contender, ...]:
    """The contenders that ``words`` names by key or group, separated by commas; all for an empty text.

    Raises:
        click.UsageError: a word names none; the message says what there is.
    """
    wanted = {word.strip() for word in words.split(",")} - {""}
    known = {contender.key for contender in CONTENDERS} | {c.group for c in CONTENDERS}
    if wanted - known:
        raise click.UsageError(
            f"no system {', '.join(sorted(wanted - known))}; there are {', '.join(sorted(known))}"
        )
    return tuple(c for c in CONTENDERS if not wanted or wanted & {c.key, c.group})
