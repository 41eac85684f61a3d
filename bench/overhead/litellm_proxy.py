"""The LiteLLM proxy: its own virtual environment, its configuration.

It is given every advantage its own production guide names (no debug log, local price map, one
worker as ours has) and none of its optional work (no database, no cache, no callbacks).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.overhead.installing import python_packages
from bench.overhead.system import OverHttp
from bench.processes import ROOT, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from bench.overhead.system import Loaded, Stage

LOCK = ROOT / "bench" / "requirements-litellm-proxy.lock"
ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "ERROR",
    "DISABLE_ADMIN_UI": "True",
    # On 127.0.0.1 for a minute, before a mock: no keys on either side, so neither checks one.
    "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
}

_CONFIG = """\
model_list:
  - model_name: gpt-5
    litellm_params:
      model: openai/gpt-5
      api_base: {upstream}/v1
      api_key: bench
litellm_settings:
  telemetry: false
"""


def start(stage: Stage) -> Loaded:
    """The proxy, installed on the first run."""
    program = python_packages("litellm", LOCK) / "litellm"
    config = stage.folder / "litellm.yaml"
    config.write_text(_CONFIG.format(upstream=stage.upstream))
    port = free_port()
    command: list[str | Path] = [program, "--config", config]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    command += ["--num_workers", "1", "--telemetry", "False"]
    server = stage.serve(command, port=port, ready="/health/readiness", env=ENVIRONMENT)
    return OverHttp(server, "/v1/chat/completions")
