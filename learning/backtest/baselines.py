"""What the consensus is compared with: the plain vote, the nearest answer, one vendor asked thrice, the best.

They see what the consensus may not: the vote takes the final answers in the benchmark's own format, and
some know the right answer.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.embedding.embedder import Embedder
    from learning.backtest.records import RecordedAnswer
    from learning.backtest.seating import Asked

SAMPLES = 3
"""How often one vendor is asked at the cost of one round of three vendors."""


class Pick(NamedTuple):
    """What a baseline gives out: how right it is in [0, 1], and how sure it says it is."""

    right: float
    stated: float


def vote(request: Asked) -> Pick:
    """The most frequent extracted answer; of a tie, the mean over the tied voters.

    It states the share of all seats that said so. A seat without an extracted answer abstains.
    """
    tied, votes = _tied(request)
    return Pick(sum(request.correct[i] for i in tied) / len(tied), votes / len(request.correct))


def vote_first(request: Asked) -> Pick:
    """The same, but a tie goes to the seat asked first."""
    tied, votes = _tied(request)
    return Pick(float(request.correct[tied[0]]), votes / len(request.correct))


def oracle(request: Asked) -> float:
    """1 where any seat is right."""
    return float(any(request.correct))


def nearest(request: Asked, embedder: Embedder) -> Pick:
    """The answer nearest the others, which is how usual gateways score "semantic agreement".

    It states the mean cosine of that answer with the others, in [-1, 1]. Truncated replies take part.
    """
    said = {answer.model: answer.text for answer in reversed(request.record.answers)}
    vectors = embedder.embed([said[a.model] or "" for a in request.attempts])
    cosines = (vectors @ vectors.T).astype(float)
    np.fill_diagonal(cosines, 0.0)
    means = cosines.sum(axis=1) / (len(cosines) - 1)
    best = int(means.argmax())
    return Pick(float(request.correct[best]), float(means[best]))


def asked_thrice(requests: Sequence[Asked], seat: int) -> float | None:
    """Accuracy of the vote of three samples of one seat's model, at the cost of three vendors.

    Source: self-consistency (Wang et al. 2022, arXiv 2203.11171). None where not every request has
    three judged samples of the model.
    """
    thrice = [r.record.by(r.attempts[seat].model)[:SAMPLES] for r in requests]
    if any(len(s) < SAMPLES or any(a.correct is None for a in s) for s in thrice):
        return None
    return sum(map(_sample_vote, thrice)) / len(thrice)


def _tied(request: Asked) -> tuple[list[int], int]:
    tied = _most_frequent(request.extracted)
    answer = request.extracted[tied[0]]
    return tied, 0 if answer is None else request.extracted.count(answer)


def _sample_vote(samples: Sequence[RecordedAnswer]) -> float:
    tied = _most_frequent([answer.extracted for answer in samples])
    return sum(bool(samples[i].correct) for i in tied) / len(tied)


def _most_frequent(extracted: Sequence[str | None]) -> list[int]:
    """Positions of the most frequent answers, ties included; of all where there is no answer."""
    counts = Counter(answer for answer in extracted if answer is not None)
    if not counts:
        return list(range(len(extracted)))
    most = max(counts.values())
    return [
        i for i, answer in enumerate(extracted) if answer is not None and counts[answer] == most
    ]
