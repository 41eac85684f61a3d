"""Runs a backtest of steering: ballots, walks, figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning.backtest.files import Recordings
    from learning.backtest.roles import Role
    from learning.backtest.steering.words import Options, Progress, SteeringReport


def run(
    recordings: Recordings,
    roles: Sequence[Role],
    options: Options,
    progress: Progress | None = None,
) -> SteeringReport:
    """Walk all policies over the rows of ``roles``, interleaved by ``order`` into one stream.

    Raises:
        EvaluationDataError: A row has no data.
    """
    raise NotImplementedError
