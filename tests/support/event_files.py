"""What trackers wrote, read back from their files."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK = 32_768
_WANDB_HEADER = 7
_CHECKSUMS = struct.Struct("<Q4x")


def tensorboard_events(folder: Path) -> Iterator[Any]:
    """The events of a run: length, its checksum, the event, its checksum (TFRecord)."""
    from tensorboardX.proto.event_pb2 import Event

    (file,) = folder.glob("events.out.tfevents.*")
    packed, at = file.read_bytes(), 0
    while at < len(packed):
        (length,) = _CHECKSUMS.unpack_from(packed, at)
        at += _CHECKSUMS.size
        yield Event.FromString(packed[at : at + length])
        at += length + 4


def wandb_records(folder: Path) -> Iterator[Any]:
    """The records of an offline run: LevelDB's log format behind a header of its own."""
    from wandb.proto.wandb_internal_pb2 import Record

    (file,) = folder.glob("wandb/offline-run-*/run-*.wandb")
    packed, at, held = file.read_bytes(), _WANDB_HEADER, b""
    while at < len(packed):
        if _BLOCK - at % _BLOCK < 7:
            at += _BLOCK - at % _BLOCK
            continue
        length, kind = struct.unpack_from("<HB", packed, at + 4)
        held += packed[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in {1, 4}:  # whole, or the last part
            yield Record.FromString(held)
            held = b""
