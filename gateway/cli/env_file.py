"""Sets one variable in an env file and leaves every other line as it is."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import dotenv_values
from dotenv.parser import parse_stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dotenv.parser import Binding

NEW_FILE_MODE = 0o600
"""An env file holds keys: nobody else reads one that we make."""

_EXPORT = re.compile(r"export[^\S\r\n]+")
_COMMENT = re.compile(r"[^\S\r\n]+#[^\r\n\"']*\Z")
_BYTE_ORDER_MARK = "\ufeff"


def with_variable(text: str, name: str, value: str) -> str:
    """``text`` with ``name`` set to ``value`` on one line, where the last line that set it stood.

    The last of duplicate lines is the effective one, so the others go. ``export``, a comment behind
    the value and the kind of line end are kept. ``value`` must need no quotes.
    """
    mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""  # the parser drops it
    bindings = list(parse_stream(StringIO(text, newline="")))
    ours = [index for index, binding in enumerate(bindings) if binding.key == name]
    if not ours:
        ending = "\r\n" if "\r\n" in text else "\n"
        separate = "" if not text or text.endswith(("\n", "\r")) else ending
        return f"{text}{separate}{name}={value}{ending}"
    return mark + "".join(_lines(bindings, name, value, ours[-1]))


def variables(text: str) -> dict[str, str]:
    """The variables an env file of this text sets, read as the gateway reads it."""
    values = dotenv_values(stream=StringIO(text), interpolate=False)
    return {name: value for name, value in values.items() if value is not None}


def read(file: Path) -> str:
    """The file's text, its line ends as they are; a file that is not there is empty.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is not UTF-8.
    """
    try:
        return file.read_bytes().decode()
    except FileNotFoundError:
        return ""


def replace(file: Path, text: str) -> None:
    """Write the file whole or not at all; its mode and its owner stay, and a link stays a link.

    Raises:
        OSError: it cannot be written.
    """
    target = Path(os.path.realpath(file))
    handle, name = tempfile.mkstemp(prefix=".env-", dir=target.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as sink:
            sink.write(text.encode())
            sink.flush()
            os.fsync(sink.fileno())
        _like(target, fresh)
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _lines(bindings: list[Binding], name: str, value: str, last: int) -> Iterator[str]:
    for index, binding in enumerate(bindings):
        original = binding.original.string
        if binding.key != name:
            yield original
            continue
        # The parser counts blank lines to what follows them.
        line = original.lstrip()
        before = original[: len(original) - len(line)]
        if index != last:
            yield before[: before.rfind("\n") + 1]
            continue
        body = line.rstrip("\r\n")
        export, comment = _EXPORT.match(body), _COMMENT.search(body)
        yield "".join(
            (
                before,
                export[0] if export else "",
                f"{name}={value}",
                comment[0] if comment else "",
                line[len(body) :],
            )
        )


def _like(target: Path, fresh: Path) -> None:
    try:
        now = target.stat()
    except FileNotFoundError:
        fresh.chmod(NEW_FILE_MODE)
        return
    fresh.chmod(now.st_mode & 0o7777)
    made = fresh.stat()
    if (made.st_uid, made.st_gid) != (now.st_uid, now.st_gid):
        # Root may hand it back to the gateway's user; others were allowed to write the folder.
        with contextlib.suppress(PermissionError):
            os.chown(fresh, now.st_uid, now.st_gid)
