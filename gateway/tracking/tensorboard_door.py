"""Notes runs as TensorBoard's event files, by tensorboardX. Its only door."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.tracking.names import finite, sound
from gateway.tracking.tracker import MissingPackageError, TrackingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.tracking.tracker import Parameter

FOLDER = Path("runs")
"""Where runs go that nobody named a place for, as TensorBoard's writers call it."""

PNG = b"\x89PNG\r\n\x1a\n"
"""How a PNG file begins; its width and height follow at byte 16."""


class TensorboardTracker:
    """A run in a folder of its own. Made by `open_tensorboard`."""

    def __init__(self, writer: Any, folder: Path) -> None:
        self.address = f"tensorboard --logdir {folder.parent}, run {folder.name}"
        self._writer = writer
        self._open = True

    def parameters(self, values: Mapping[str, Parameter]) -> None:
        """See `gateway.tracking.tracker.Tracker`; a table of text."""
        rows = "".join(f"|{sound(name)}|{_cell(value)}|\n" for name, value in values.items())
        with _in_our_words():
            self._writer.add_text("parameters", f"|parameter|value|\n|-|-|\n{rows}")

    def metrics(self, figures: Mapping[str, float], step: int = 0) -> None:
        """See `gateway.tracking.tracker.Tracker`."""
        with _in_our_words():
            for name, figure in finite(figures).items():
                self._writer.add_scalar(name, figure, step)

    def artifact(self, path: Path) -> None:
        """See `gateway.tracking.tracker.Tracker`; a picture as an image, all else as text."""
        with _in_our_words():
            packed = path.read_bytes()
            if packed.startswith(PNG):
                self._writer.file_writer.add_summary(_image(sound(path.name), packed))
            else:
                text = packed.decode("utf-8", "replace")
                self._writer.add_text(
                    sound(path.name), "\n".join(f"    {t}" for t in text.split("\n"))
                )

    def close(self, *, failed: bool = False) -> None:
        """See `gateway.tracking.tracker.Tracker`."""
        if self._open:
            self._open = False
            with _in_our_words():
                if failed:
                    self._writer.add_text("status", "failed")
                self._writer.close()


def open_tensorboard(place: str | None, run_name: str) -> TensorboardTracker:
    """A new run.

    Args:
        place: The folder that holds the runs; None: `FOLDER`.
        run_name: The run's own folder in it.

    Raises:
        TrackingError: The folder cannot be written, holds that run, or tensorboardX is not installed.
    """
    try:
        from tensorboardX import SummaryWriter  # noqa: PLC0415 - slow, and an extra
    except ImportError:
        raise MissingPackageError("tensorboardX", "tracking") from None
    folder = Path(place or FOLDER) / sound(run_name).replace("/", "_")
    with _in_our_words():
        folder.mkdir(parents=True)
        return TensorboardTracker(SummaryWriter(str(folder)), folder)


def _image(name: str, packed: bytes) -> Any:
    """The picture as it is, not decoded and packed anew."""
    from tensorboardX.proto.summary_pb2 import Summary  # noqa: PLC0415 - slow, and an extra

    width, height = struct.unpack(">II", packed[16:24])
    image = Summary.Image(height=height, width=width, colorspace=4, encoded_image_string=packed)
    return Summary(value=[Summary.Value(tag=name, image=image)])


def _cell(value: Parameter) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TrackingError(f"TensorBoard: {error}") from error
