"""Recorded answers as a command names them, read: the rows of models there is data for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from learning.backtest.files import read
from learning.backtest.records import EvaluationDataError
from learning.backtest.roles import chosen, default_roles, parse_roles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from learning.backtest.files import Recordings
    from learning.backtest.roles import Role


@dataclass(frozen=True, slots=True)
class RecordedRows:
    """``rows`` are those wanted that there is data for; ``left_out`` the others, by name."""

    recordings: Recordings
    rows: Sequence[Role]
    left_out: Sequence[str]

    @classmethod
    def read(cls, paths: Sequence[Path], roles: Path | None, wanted: Sequence[str]) -> RecordedRows:
        """Read the data, and the rows.

        Args:
            paths: Files and folders of recorded answers.
            roles: The rows; None takes those that come with the program, as far as there is data.
            wanted: Names of rows or sets; all where there is none.

        Raises:
            EvaluationDataError: Data or rows are bad, or a row of ``roles`` has no data.
        """
        recordings = read(paths)
        all_roles = _roles(roles)
        _refuse_unknown(wanted, all_roles, recordings)
        known = chosen(all_roles, wanted)
        present = [role for role in known if role.dataset in recordings.requests]
        left_out = [role.name for role in known if role not in present]
        if roles is not None and left_out:
            raise EvaluationDataError(
                f"{roles}: no recorded answers of {', '.join(left_out)}; there are "
                + (", ".join(recordings.requests) or "none")
            )
        return cls(recordings, present, left_out)

    def no_row(self) -> EvaluationDataError:
        """What to say where there is nothing to replay."""
        there = ", ".join([*self.recordings.requests, *self.recordings.pairs])
        return EvaluationDataError(f"no row of models is known for {there}; see --roles")


def _roles(path: Path | None) -> tuple[Role, ...]:
    if path is None:
        return default_roles()
    try:
        return parse_roles(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationDataError(f"{path}: cannot be read: {error}") from error


def _refuse_unknown(wanted: Sequence[str], roles: Sequence[Role], recordings: Recordings) -> None:
    """A name that is nowhere is a mistake; it must not pass for a set without faults."""
    known = {r.name for r in roles} | {r.dataset for r in roles} | set(recordings.pairs)
    for name in wanted:
        if name not in known:
            raise EvaluationDataError(
                f"no row or set is called {name}; there are {', '.join(sorted(known))}"
            )
