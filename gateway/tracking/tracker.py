"""What a run is noted with, whatever the place: its parameters, figures by step, files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Parameter: TypeAlias = str | int | float | bool | None

EXPERIMENT = "wallbounce"
"""The experiment or project that runs are filed under."""


class TrackingError(Exception):
    """A run cannot be noted. The message says where and why; it is fit to be shown."""


class MissingPackageError(TrackingError):
    """The library of a place is not installed. The message has the command that installs it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed; install it with: pip install 'wallbounce[{extra}]'"
        )


class Tracker(Protocol):
    """One run. Every method raises `TrackingError` where the place does not take it.

    Names are told with letters, digits, ``_``, ``-``, ``.`` and ``/``; what else is in one becomes ``_``.
    """

    @property
    def address(self) -> str:
        """Where the run can be seen, for people."""

    def parameters(self, values: Mapping[str, Parameter]) -> None:
        """What the run was told; once, before any figure."""

    def metrics(self, figures: Mapping[str, float], step: int = 0) -> None:
        """Figures at a step; steps of one figure do not go down. What is not finite is left out."""

    def artifact(self, path: Path) -> None:
        """A file the run made."""

    def close(self, *, failed: bool = False) -> None:
        """Ends the run; everything is written then. Does nothing the second time."""


class NoTracker:
    """Notes nothing."""

    address = ""

    def parameters(self, values: Mapping[str, Parameter]) -> None:
        """See `Tracker`."""

    def metrics(self, figures: Mapping[str, float], step: int = 0) -> None:
        """See `Tracker`."""

    def artifact(self, path: Path) -> None:
        """See `Tracker`."""

    def close(self, *, failed: bool = False) -> None:
        """See `Tracker`."""
