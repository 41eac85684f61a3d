"""How long a benchmark runs, where the environment says so: always bounded."""

from __future__ import annotations

import os

import click


def bounded(name: str, default: int, *, least: int = 1, most: int) -> int:
    """The whole number in the environment variable ``name``, else ``default``.

    Raises:
        click.UsageError: it is no whole number from ``least`` to ``most``.
    """
    said = os.environ.get(name, "").strip()
    if not said:
        return default
    if not said.isdecimal() or not least <= int(said) <= most:
        raise click.UsageError(f"{name} is a whole number from {least} to {most}, not {said!r}")
    return int(said)
