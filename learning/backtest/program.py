"""Which program made some figures: a digest of the code and the parameters they come from."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Final

WORKED_BY: Final = ("consensus", "learning", "providers")
"""The packages whose code and parameters figures come from."""


@cache
def program() -> str:
    """SHA-256 over the files of `WORKED_BY`, as they are when it is first asked for.

    A version number does not move with each change; what other code made is not this program's.
    """
    total = sha256()
    for package in WORKED_BY:
        (folder,) = map(Path, import_module(package).__path__)
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                total.update(str(path.relative_to(folder)).encode() + b"\0")
                total.update(sha256(path.read_bytes()).digest())
    return total.hexdigest()
