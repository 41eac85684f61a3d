"""Runs a backtest of steering: walks the policies with a bar, and keeps finished parts."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gateway.cli.backtest_identity import identity
from gateway.cli.evaluate_entailment import entailment_that_judges
from gateway.cli.evaluate_progress import bar
from learning.backtest import steering
from learning.backtest.checkpoints import Checkpoints
from learning.backtest.report import rounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gateway.cli.recorded_rows import RecordedRows
    from learning.backtest.checkpoints import Kept
    from learning.backtest.steering import Options, SteeringReport


@dataclass(frozen=True, slots=True)
class Found:
    """What a backtest found: the report, and the same as JSON has it."""

    report: SteeringReport
    figures: dict[str, Any]


def run(rows: RecordedRows, options: Options, checkpoint: Path | None, *, resume: bool) -> Found:
    """Walk all policies, with a bar.

    Args:
        rows: What to walk.
        options: How.
        checkpoint: A folder for finished parts; None keeps none.
        resume: The folder holds parts of this run already.

    Raises:
        EvaluationDataError: There is no row, a row has no data, or no such entailment model.
        CheckpointError: The folder cannot be used.
    """
    if not rows.rows:
        raise rows.no_row()
    entailment_that_judges(options.entailment)
    what = identity(rows, options)
    with _kept(checkpoint, what, resume=resume) as kept, bar(0) as shown:
        report = steering.run(rows.recordings, rows.rows, replace(options, kept=kept), shown.at)
    figures: dict[str, Any] = rounded(report.json())
    figures["about"] |= {**what, "left_out": list(rows.left_out)}
    return Found(report, figures)


@contextmanager
def _kept(folder: Path | None, what: Mapping[str, Any], *, resume: bool) -> Iterator[Kept | None]:
    if folder is None:
        yield None
        return
    with (Checkpoints.resume if resume else Checkpoints.begin)(folder, what) as kept:
        yield kept
