"""What a run is of: its data, its options, and the program that makes its figures."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from learning.backtest.program import program

if TYPE_CHECKING:
    from gateway.cli.recorded_rows import RecordedRows
    from learning.backtest.steering.words import Options


def identity(rows: RecordedRows, options: Options) -> dict[str, Any]:
    """All that figures depend on, as plain JSON; where runs keep what is no part of it."""
    return {
        "data": dict(sorted(rows.recordings.digests.items())),
        "rows": {role.name: [role.dataset, *role.models] for role in rows.rows},
        "options": told(options),
        "versions": {name: version(name) for name in ("wallbounce", "numpy", "onnxruntime")}
        | {"python": platform.python_version()},
        "program": program(),
    }


def told(options: Options) -> dict[str, Any]:
    """The options that change figures, by name."""
    return {
        name: getattr(options, name)
        for name in type(options).__dataclass_fields__
        if name not in {"cache", "kept"}
    }
