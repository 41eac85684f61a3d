"""A file replaced as a whole: whoever reads it finds the old one or the new one, also after a crash."""

from __future__ import annotations

import os
import zipfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

BROKEN = (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile)
"""What numpy and zipfile say of a file that is not what it should be."""


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file, in the place of the old one and on disk once the block ends; gone if it fails."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
