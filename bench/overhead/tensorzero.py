"""TensorZero's embedded gateway: no HTTP before it, a small process that calls it and reports.

Observability is off, so it needs no database; analytics are off. Its Google provider cannot be
pointed elsewhere, so the third vendor's words come over Google's OpenAI-compatible address.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bench.load import LoadError
from bench.load_figures import Load
from bench.overhead.installing import python_packages
from bench.overhead.system import CONCURRENCY
from bench.processes import ROOT, NotReadyError, Piped, piped

if TYPE_CHECKING:
    from pathlib import Path

    from bench.overhead.system import Loaded, Stage

LOCK = ROOT / "bench" / "requirements-tensorzero.lock"
ENVIRONMENT = {
    "TENSORZERO_DISABLE_PSEUDONYMOUS_USAGE_ANALYTICS": "1",
    "RUST_LOG": "error",
    "BENCH_KEY": "bench",
}

_CONFIG = """\
[gateway]
observability.enabled = false
disable_pseudonymous_usage_analytics = true

[models.gpt]
routing = ["openai"]
[models.gpt.providers.openai]
type = "openai"
model_name = "gpt-5"
api_base = "{upstream}/v1"
api_key_location = "env::BENCH_KEY"

[models.claude]
routing = ["anthropic"]
[models.claude.providers.anthropic]
type = "anthropic"
model_name = "claude"
api_base = "{upstream}/v1"
api_key_location = "env::BENCH_KEY"

[models.gemini]
routing = ["google"]
[models.gemini.providers.google]
type = "openai"
model_name = "gemini-2.5-pro"
api_base = "{upstream}/v1beta/openai"
api_key_location = "env::BENCH_KEY"

[functions.single]
type = "chat"
[functions.single.variants.single]
type = "chat_completion"
model = "gpt"

[functions.mixture]
type = "chat"
[functions.mixture.variants.gpt]
type = "chat_completion"
model = "gpt"
[functions.mixture.variants.claude]
type = "chat_completion"
model = "claude"
max_tokens = 512
[functions.mixture.variants.gemini]
type = "chat_completion"
model = "gemini"
[functions.mixture.variants.mixture]
type = "experimental_mixture_of_n"
candidates = ["gpt", "claude", "gemini"]
[functions.mixture.variants.mixture.fuser]
model = "gpt"
"""


@dataclass(frozen=True, slots=True)
class Embedded:
    """The process that calls the gateway inside itself. Its CPU holds the calling, too."""

    process: Piped

    def send(self, *, requests: int, first: int) -> Load:
        """See `bench.overhead.system.Loaded`."""
        order = {"requests": requests, "concurrency": CONCURRENCY, "first": first}
        try:
            reply = json.loads(self.process.ask(json.dumps(order)))
        except NotReadyError as error:
            raise LoadError(str(error)) from None
        if "error" in reply:
            raise LoadError(reply["error"])
        return Load(**reply)

    def cpu_seconds(self) -> float:
        """See `bench.overhead.system.Loaded`."""
        return self.process.cpu_seconds()

    def rss_mb(self) -> float:
        """See `bench.overhead.system.Loaded`."""
        return self.process.rss_mb()


def single(stage: Stage) -> Loaded:
    """One vendor asked."""
    return _start(stage, "single")


def mixture(stage: Stage) -> Loaded:
    """Three vendors asked at once, and a fourth call that fuses their answers into one."""
    return _start(stage, "mixture")


def _start(stage: Stage, function: Literal["single", "mixture"]) -> Loaded:
    python = python_packages("tensorzero", LOCK) / "python"
    config = stage.folder / f"tensorzero-{function}.toml"
    config.write_text(_CONFIG.format(upstream=stage.upstream))
    command: list[str | Path] = [python, "-m", "bench.overhead.tensorzero_process"]
    command += [f"--config={config}", f"--function={function}"]
    return Embedded(
        stage.stack.enter_context(
            piped(command, name=f"tensorzero-{function}", folder=stage.folder, env=ENVIRONMENT)
        )
    )
