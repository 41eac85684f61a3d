"""Runs an evaluation: reads the data, replays the rows, scores the pairs, and shows how far it is."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from typing import TYPE_CHECKING, Any

from consensus.agreement.pairs import pair_score
from consensus.embedding.static import StaticEmbedder
from consensus.trust.topics import Topics
from gateway.cli.evaluate_entailment import entailment_that_judges
from gateway.cli.evaluate_progress import bar
from gateway.cli.recorded_rows import RecordedRows
from learning.backtest.baselines import nearest
from learning.backtest.deciding import OneRound
from learning.backtest.items import items
from learning.backtest.pairs import pair_aurocs
from learning.backtest.replay import Replay
from learning.backtest.report import report
from learning.backtest.seating import seated
from learning.backtest.walk_forward import walk_forward
from learning.trust import TrustLearner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gateway.cli.evaluate_progress import Bar
    from learning.backtest.records import LabelledPair
    from learning.backtest.roles import Role
    from learning.backtest.seating import Asked


@dataclass(frozen=True, slots=True)
class Found:
    """What an evaluation found: the figures as JSON tells them, and the rows they are of."""

    figures: dict[str, Any]
    replays: Sequence[Replay]

    def items(self) -> Iterator[dict[str, Any]]:
        """What came of each request."""
        return chain.from_iterable(map(items, self.replays))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that is to be replayed and scored. ``left_out``: rows without data here."""

    rows: Sequence[tuple[Role, Sequence[Asked]]]
    pairs: Mapping[str, Sequence[LabelledPair]]
    left_out: Sequence[str]
    digests: Mapping[str, str]

    @classmethod
    def prepare(
        cls, paths: Sequence[Path], roles: Path | None, wanted: Sequence[str]
    ) -> Evaluation:
        """Read the data, and seat the models.

        Args:
            paths: Files and folders of recorded answers.
            roles: The rows; None takes those that come with the program, as far as there is data.
            wanted: Names of rows or sets; all where there is none.

        Raises:
            EvaluationDataError: Data or rows are bad, or nothing is left to evaluate.
        """
        found = RecordedRows.read(paths, roles, wanted)
        recordings = found.recordings
        pairs = {n: rows for n, rows in recordings.pairs.items() if not wanted or n in wanted}
        if not found.rows and not pairs:
            raise found.no_row()
        return cls(
            [(role, seated(role, recordings.requests[role.dataset])) for role in found.rows],
            pairs,
            found.left_out,
            recordings.digests,
        )

    def run(self, *, seed: int, delay: int, refit_every: int, entailment: str) -> Found:
        """Replay every row, score every pair, and judge.

        Args:
            seed: Of the bootstrap.
            delay: Requests between an answer and its label.
            refit_every: Labels between two fits.
            entailment: The entailment model, as ``WALLBOUNCE_ENTAILMENT`` names it.
        """
        embedder = StaticEmbedder()
        judge = entailment_that_judges(entailment)
        decide = OneRound(embedder, Topics(embedder), judge)
        steps = sum(len(requests) for _, requests in self.rows)
        with bar(steps + sum(map(len, self.pairs.values()))) as shown:
            replays = [
                _replay(role, requests, decide, shown, delay=delay, refit_every=refit_every)
                for role, requests in self.rows
            ]
            shown.now("pairs")
            pairs = pair_aurocs(
                self.pairs, lambda q, a, b: pair_score(q, a, b, embedder, judge), shown.advance
            )
            shown.now("extraction")
            extraction = {r.role.name: r.extraction() for r in replays}
            shown.now("intervals")
            about = {
                "versions": {name: version(name) for name in ("wallbounce", "numpy")}
                | {"python": platform.python_version()},
                "delay": delay,
                "refit_every": refit_every,
                "entailment": entailment if judge else None,
                "data": dict(self.digests),
                "left_out": list(self.left_out),
            }
            figures = report(replays, extraction, pairs, seed=seed, about=about)
        return Found(figures, replays)


def _replay(  # noqa: PLR0913 - what `walk_forward` takes
    role: Role,
    requests: Sequence[Asked],
    decide: OneRound,
    shown: Bar,
    *,
    delay: int,
    refit_every: int,
) -> Replay:
    shown.now(role.name)
    learner, clock = TrustLearner(), time.thread_time
    steps = []
    for step in walk_forward(
        requests, decide, learner, clock, delay=delay, refit_every=refit_every
    ):
        steps.append(step)
        shown.advance()
    return Replay(role, requests, steps, [nearest(r, decide.embedder) for r in requests])
