"""What has been learned, in figures a person can read. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consensus.ballot import TrustModel
    from learning.lessons import Lesson


@dataclass(frozen=True, slots=True)
class LearnedOfKind:
    """What is known of one kind of question.

    ``lessons``: labelled answers; ``right`` in [0, 1]: the part of them that was right, and
    ``confidence`` what the model says of the same answers now. ``source``: whether they are enough to
    call a confidence calibrated. ``weights``: by provider, what its vote counts; 1 is the prior.
    """

    kind: str
    lessons: int
    right: float
    confidence: float
    source: str
    weights: Mapping[str, float]


def learned_by_kind(lessons: Sequence[Lesson], model: TrustModel) -> tuple[LearnedOfKind, ...]:
    """One entry for each kind there are lessons of, most lessons first."""
    kinds: defaultdict[str, list[Lesson]] = defaultdict(list)
    for lesson in lessons:
        kinds[lesson.ballot.kind].append(lesson)
    entries = (_of_kind(kind, taught, model) for kind, taught in kinds.items())
    return tuple(sorted(entries, key=lambda entry: (-entry.lessons, entry.kind)))


def _of_kind(kind: str, taught: Sequence[Lesson], model: TrustModel) -> LearnedOfKind:
    chances = [model.probabilities(x.ballot, {})[x.returned] for x in taught]
    providers = sorted({voter.provider for x in taught for voter in x.ballot.voters})
    return LearnedOfKind(
        kind=kind,
        lessons=len(taught),
        right=sum(x.correct for x in taught) / len(taught),
        confidence=sum(chances) / len(taught),
        source=str(model.source(kind)),
        weights=model.provider_weights(kind, providers),
    )
