"""Optional packages a test needs: imported, or the test is skipped with the command that installs them."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType


def extra(module: str, install: str) -> ModuleType:
    """The module; where it is missing the test is skipped, or fails under ``REQUIRE_SERVICES=1``."""
    try:
        return import_module(module)
    except ImportError:
        reason = f"{module} is not installed; install it with: {install}"
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
