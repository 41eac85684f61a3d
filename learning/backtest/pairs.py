"""Do pairs of answers labelled agree score higher than pairs that contradict?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from learning.backtest.discrimination import auroc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from learning.backtest.records import LabelledPair


class PairScore(Protocol):
    """How far two answers to a question agree, on any scale that rises with it."""

    def __call__(self, question: str, a: str, b: str, /) -> float:
        """Score one pair."""


def pair_aurocs(
    pairs: Mapping[str, Sequence[LabelledPair]],
    score: PairScore,
    advance: Callable[[], None] = lambda: None,
) -> dict[str, float]:
    """AUROC of agree against contradict by set; of a set with safer labels also ``SET_strict`` alone.

    Args:
        pairs: By set.
        score: The score under test; it sees no label.
        advance: Told of each pair done.
    """
    found: dict[str, float] = {}
    for name, rows in pairs.items():
        scores = []
        for pair in rows:
            scores.append(score(pair.question, pair.a, pair.b))
            advance()
        agrees = np.array([pair.agrees for pair in rows], float)
        strict = np.array([bool(pair.strict) for pair in rows])
        if strict.any():
            found[f"{name}_strict"] = float(auroc(np.array(scores)[strict], agrees[strict])[0])
        found[name] = float(auroc(scores, agrees)[0])
    return found
