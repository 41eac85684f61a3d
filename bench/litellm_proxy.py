"""The LiteLLM proxy that we compare with: its own virtual environment, its configuration.

It is given every advantage its own production guide names (no debug log, local price map, one
worker as ours has) and none of its optional work (no database, no cache, no callbacks).
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

from bench.figures import PROGRESS
from bench.processes import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VENV = ROOT / ".venv-bench"
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


def installed() -> Path:
    """The proxy's program, installed from the lock (with hashes) when it is missing or outdated.

    Raises:
        subprocess.CalledProcessError: the virtual environment could not be made.
    """
    program = VENV / "bin" / "litellm"
    stamp = VENV / "installed-lock.sha256"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if program.exists() and stamp.exists() and stamp.read_text() == wanted:
        return program
    PROGRESS.print(f"installing the LiteLLM proxy into {VENV.name} (minutes)")
    subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", str(LOCK)], check=True)
    stamp.write_text(wanted)
    return program


def command(program: Path, folder: Path, *, upstream: str, port: int) -> Sequence[str | Path]:
    """The proxy's command line; its configuration is written into ``folder``."""
    config = folder / "litellm.yaml"
    config.write_text(_CONFIG.format(upstream=upstream))
    return [
        *(program, "--config", config, "--host", "127.0.0.1", "--port", str(port)),
        *("--num_workers", "1", "--telemetry", "False"),
    ]
