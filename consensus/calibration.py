"""Confidence: the probability that the returned answer is right, given how the votes fell."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from consensus.verdict import ConfidenceSource

if TYPE_CHECKING:
    from consensus.answers import AnswerKind


@dataclass(frozen=True, slots=True)
class VotePattern:
    """How the answers fell, as far as it tells whether the winner is right. Refusals abstain.

    ``answers``: how many independent answers there are; one of a vendor already heard is worth less
    than 1. ``heads`` in (0, 1]: the part of them that agrees with the winner; ``share`` the same by
    weight. ``vendors``: how many distinct vendors agree with it. ``soundness`` in [0, 1]: the best
    among these, below 1 for texts that contradict themselves or miss the question. ``typed``: the
    winner's answer could be compared by type.
    """

    answers: float
    heads: float
    share: float
    vendors: int
    kind: AnswerKind
    typed: bool
    soundness: float = 1.0


class Calibrator(Protocol):
    """Turns a vote pattern into a probability. Learned calibrations take the place of the prior."""

    @property
    def source(self) -> ConfidenceSource:
        """Where its figures come from."""

    def confidence(self, pattern: VotePattern) -> float:
        """The probability in [0, 1] that the winner's answer is right.

        It never falls when ``heads``, ``share`` or ``answers`` rise and the rest stays the same.
        """


SHARES = (1 / 3, 1 / 2, 2 / 3, 1.0)
"""Shares of the votes the tables have a column for: all that up to three answers can give."""

Table = tuple[tuple[float, float, float, float], ...]
"""Probabilities by number of answers (rows: 1, 2, 3) and share (columns: `SHARES`)."""

TYPED: Table = (
    (0.2, 0.352, 0.547, 0.807),
    (0.2, 0.352, 0.547, 0.936),
    (0.2, 0.436, 0.672, 0.963),
)
"""Answers comparable by type. Fitted by ``bench/calibration_prior.py`` on 18,822 recorded answers of 21
models to 3,467 questions of nine public sets (crux, gsm8k, IgakuQA119, JMLE 2026, MATH level 5,
mmlu-redux, two of MMLU-Pro, numersense), grouped by the final answer each benchmark extracts, each set
counting the same. Held out: ECE 0.008 pooled, 0.042 in the mean of the sets; AUROC 0.84."""

FREE_TEXT: Table = (
    (0.337, 0.426, 0.523, 0.667),
    (0.337, 0.426, 0.523, 0.787),
    (0.337, 0.469, 0.586, 0.83),
)
"""Answers compared by wording alone, which tells next to nothing about which is right (AUROC 0.48 on
the same records). So the log odds of `TYPED`, shrunk until three that agree stand where three texts of
like wording were measured."""


class PriorCalibration:
    """The shipped calibration: a table of how often vote patterns were right on recorded answers.

    Between rows and columns it interpolates. Panels larger than the table are read as its last row,
    and weights raise no answer above its head count: more has not been earned.
    """

    def __init__(self, typed: Table = TYPED, free_text: Table = FREE_TEXT) -> None:
        self._typed = typed
        self._free_text = free_text

    @property
    def source(self) -> ConfidenceSource:
        """Nothing was learned here yet."""
        return ConfidenceSource.PRIOR

    def confidence(self, pattern: VotePattern) -> float:
        """The probability that the winner's answer is right, scaled by its soundness."""
        table = self._typed if pattern.typed else self._free_text
        share = min(pattern.heads, pattern.share)
        row = min(max(pattern.answers - 1.0, 0.0), len(table) - 1.0)
        lower = _at(table[math.floor(row)], share)
        upper = _at(table[math.ceil(row)], share)
        return pattern.soundness * (lower + (row - math.floor(row)) * (upper - lower))


def _at(row: tuple[float, ...], share: float) -> float:
    """Read a row between its columns, level outside them."""
    column = bisect_left(SHARES, share)
    if column == 0:
        return row[0]
    if column == len(SHARES):
        return row[-1]
    before = SHARES[column - 1]
    part = (share - before) / (SHARES[column] - before)
    return row[column - 1] + part * (row[column] - row[column - 1])
