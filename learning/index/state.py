"""What is written beside the mapped files, whole or not at all: up to where they are to be trusted.

The state is the last thing written of a flush, to a new file that then takes the old one's name. What
the mapped files hold beyond it is what came later; the owner tells that again.
"""

from __future__ import annotations

import io
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from learning.index.layer_weights import LayerWeights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

FORMAT = 1
"""Raised whenever what is written changes its meaning; other formats are thrown away."""

STATE_FILE = "state.json"
LOCK_FILE = "lock"
_STRUCTURE = "structure-"


class DamagedError(Exception):
    """What lies in the folder is no index, or not a whole one."""


class IndexInUseError(RuntimeError):
    """Another index is open on the folder. Two writers would spoil it; give each its own."""


@dataclass(frozen=True, slots=True)
class State:
    """An index as of one flush.

    Attributes:
        dimensions: Of the embeddings.
        watermark: Number of the last change that is in.
        slots: Records that count.
        spans: (start, stop) columns of each class of vectors.
        codes: The texts numbered, by field.
        weights: The layers' weights in force.
        arrays: The lists of each class of vectors, as `Vectors.structure` tells them, by
            ``{class}-{name}``.
        structure: Name of the file these are in; empty for one not written yet.
        structure_crc: Checksum of that file.
    """

    dimensions: int
    watermark: int = 0
    slots: int = 0
    spans: tuple[tuple[int, int], ...] = ()
    codes: Mapping[str, list[str]] = field(default_factory=dict)
    weights: LayerWeights = field(default_factory=LayerWeights)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    structure: str = ""
    structure_crc: int = 0


def read_state(folder: Path) -> State | None:
    """The state in ``folder``; None where none was written. Raises DamagedError."""
    try:
        text = (folder / STATE_FILE).read_bytes()
    except FileNotFoundError:
        return None
    try:
        document = json.loads(text)
        body = document["state"]
        if crc32(_bytes(body)) != document["crc"] or body["format"] != FORMAT:
            raise DamagedError("the state does not fit its checksum")
        structure = str(body["structure"])
        packed = (folder / structure).read_bytes() if structure else b""
        if crc32(packed) != body["structure_crc"]:
            raise DamagedError("the lists do not fit their checksum")
        arrays = dict(np.load(io.BytesIO(packed), allow_pickle=False)) if structure else {}
        return State(
            dimensions=int(body["dimensions"]),
            watermark=int(body["watermark"]),
            slots=int(body["slots"]),
            spans=tuple((int(start), int(stop)) for start, stop in body["spans"]),
            codes={str(name): [str(t) for t in texts] for name, texts in body["codes"].items()},
            weights=LayerWeights.from_json(body["weights"]),
            arrays=arrays,
            structure=structure,
            structure_crc=int(body["structure_crc"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, FileNotFoundError) as error:
        raise DamagedError(f"the state cannot be read: {error!r}") from error


def write_state(folder: Path, state: State) -> State:
    """Write ``state``, durably and at once. Returns it with the name of its structure file."""
    name, crc = state.structure, state.structure_crc
    if not name:
        buffer = io.BytesIO()
        np.savez(buffer, **dict(state.arrays))  # type: ignore[arg-type] # no array is its flag
        packed = buffer.getvalue()
        name, crc = f"{_STRUCTURE}{state.watermark}-{crc32(packed):08x}", crc32(packed)
        _write(folder / name, packed)
    body = {
        "format": FORMAT,
        "dimensions": state.dimensions,
        "watermark": state.watermark,
        "slots": state.slots,
        "spans": [list(span) for span in state.spans],
        "codes": {field_name: list(texts) for field_name, texts in state.codes.items()},
        "weights": state.weights.as_json(),
        "structure": name,
        "structure_crc": crc,
    }
    whole = json.dumps({"state": body, "crc": crc32(_bytes(body))}, ensure_ascii=False)
    _write(folder / f"{STATE_FILE}.new", whole.encode())
    (folder / f"{STATE_FILE}.new").rename(folder / STATE_FILE)
    _sync_folder(folder)
    for old in folder.glob(f"{_STRUCTURE}*"):
        if old.name != name:
            old.unlink(missing_ok=True)
    return State(
        state.dimensions,
        state.watermark,
        state.slots,
        state.spans,
        state.codes,
        state.weights,
        state.arrays,
        name,
        crc,
    )


def throw_away(folder: Path) -> None:
    """Remove what an index wrote into ``folder``, and nothing else; the state first."""
    for pattern in (f"{STATE_FILE}*", f"{_STRUCTURE}*", "records", "vectors-*"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold ``folder`` for this index alone. Raises IndexInUseError."""
    file = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            import fcntl  # noqa: PLC0415 - not on Windows, where nothing keeps two apart
        except ImportError:
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IndexInUseError(f"{folder} is in use by another index") from error
        yield
    finally:
        os.close(file)


def _bytes(body: object) -> bytes:
    return json.dumps(body, sort_keys=True, ensure_ascii=False).encode()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
