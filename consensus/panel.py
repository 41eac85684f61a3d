"""The answers of one request, read, weighed and compared; and their order."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from consensus.agreement import EntailmentUse, Likeness, agreement, compare_all
from consensus.answers import AnswerKind
from consensus.coherence import coherence
from consensus.lazily import lazily
from consensus.nearness import Nearness
from consensus.quality import soundness, weighted_mean
from consensus.reading import Reading, read_answer
from consensus.relevance import question_words, relevance
from consensus.weighting import panel_weights
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consensus.answers import Question
    from consensus.embedding.embedder import Embedder
    from consensus.entailment.judgement import Entailment
    from consensus.transcript import Attempt

TIE_DIGITS = 9
"""Supports equal to so many digits are a tie: sums of the same weights differ by their order."""


_WORDED = frozenset({AnswerKind.FREE_TEXT, AnswerKind.REFUSAL})
"""Kinds whose agreement rests on wording."""


@value(frozen=True)
class Panel:
    """The answers of one request, read, weighed and compared. All sequences run in order asked."""

    answers: tuple[Attempt, ...]
    readings: tuple[Reading, ...]
    weights: tuple[float, ...]
    likeness: tuple[tuple[Likeness, ...], ...]
    coherence: tuple[float, ...]
    relevance: tuple[float, ...]
    entailment: EntailmentUse = EntailmentUse.OFF

    def agreeing(self, i: int) -> tuple[int, ...]:
        """The positions of the answers that are the same as answer ``i``, itself included."""
        return tuple([j for j, likeness in enumerate(self.likeness[i]) if likeness.same])

    @lazily
    def unanimous(self) -> bool:
        """Whether each answer is the same as each."""
        return all(like.same for row in self.likeness for like in row)

    @lazily
    def scores(self) -> tuple[float | None, ...]:
        """How far the weighted others support each answer; None for a lone one."""
        found = []
        for i, row in enumerate(self.likeness):
            degrees = [like.degree for like in row]
            weights = list(self.weights)
            del degrees[i], weights[i]
            found.append(agreement(degrees, weights))
        return tuple(found)

    @lazily
    def standings(self) -> tuple[tuple[bool, float, float, float], ...]:
        """What each answer is ranked by besides its chances; see `rank`."""
        found = []
        for i, row in enumerate(self.likeness):
            agreeing = [w for like, w in zip(row, self.weights, strict=True) if like.same]
            near = [like.degree * w for like, w in zip(row, self.weights, strict=True)]
            found.append(
                (
                    not self.readings[i].refuses,
                    round(math.fsum(agreeing), TIE_DIGITS),
                    round(self.weights[i] * self.soundness(i), TIE_DIGITS),
                    round(math.fsum(near), TIE_DIGITS),
                )
            )
        return tuple(found)

    def soundness(self, i: int) -> float:
        """How far answer ``i`` can be taken for an answer at all; a refusal is what it is."""
        if self.readings[i].refuses:
            return 1.0
        return soundness(self.coherence[i], self.relevance[i])


def read_panel(
    question: Question,
    answers: tuple[Attempt, ...],
    weights: Mapping[str, float],
    embedder: Embedder | None,
    entailment: Entailment | None = None,
) -> Panel:
    """Read ``answers`` against ``question``, weigh them and compare each with each.

    Raises:
        ValueError: There is no answer, or a weight is negative or not finite.
    """
    readings = tuple(read_answer(question, answer.text or "") for answer in answers)
    return compare_readings(question, answers, readings, weights, embedder, entailment=entailment)


def compare_readings(  # noqa: PLR0913 - each is a different thing the comparison rests on
    question: Question,
    answers: tuple[Attempt, ...],
    readings: tuple[Reading, ...],
    weights: Mapping[str, float],
    embedder: Embedder | None,
    *,
    entailment: Entailment | None = None,
) -> Panel:
    """Weigh answers already read, and compare each with each.

    Raises:
        ValueError: There is no answer, or a weight is negative or not finite.
    """
    if not answers:
        raise ValueError("no answer stands: there is nothing to decide")
    nearness = Nearness(embedder, [question.text, *(reading.text for reading in readings)])
    asked = question_words(question)
    compared = compare_all(question, asked, readings, nearness, entailment)
    return Panel(
        answers=answers,
        readings=readings,
        weights=panel_weights(answers, weights),
        likeness=compared.likeness,
        coherence=tuple(coherence(question, reading) for reading in readings),
        relevance=tuple(
            relevance(question, asked, reading, partial(nearness.cosine, 0, i))
            for i, reading in enumerate(readings, start=1)
        ),
        entailment=compared.entailment,
    )


def rank(panel: Panel, chances: Sequence[float] = ()) -> list[int]:
    """All answers from best to least supported: answers before refusals.

    By ``chances``, how likely each is right, and, where these are equal or not given, by the weight of all
    that say the same: of answers counted as one, the one that the others are like stands for them.
    Ties go to the heavier and sounder answer, then to the one nearest to all (the medoid), then to the
    one asked first.
    """
    keys = [
        (answers, round(chances[i], TIE_DIGITS) if chances else 0.0, agreed, sound, near)
        for i, (answers, agreed, sound, near) in enumerate(panel.standings)
    ]
    return sorted(range(len(keys)), key=keys.__getitem__, reverse=True)


def groups_of(panel: Panel, ranked: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Positions of the answers that say the same, best supported first; each is in one group.

    An answer joins the first group all of whose members say the same as it: a vague one that fits two
    others does not make these the same.
    """
    groups: list[list[int]] = []
    for i in ranked:
        same = set(panel.agreeing(i))
        home = next((members for members in groups if same.issuperset(members)), None)
        if home is None:
            groups.append([i])
        else:
            home.append(i)
    return tuple(tuple(sorted(members)) for members in groups)


def is_typed(panel: Panel, members: Sequence[int]) -> bool:
    """True when types tell which answers say the same as these; of code only where two are equal.

    The result of a program has a type, but programs that do the same are seldom written the same.
    """
    first = members[0]
    kind = panel.readings[first].final.kind
    if kind is AnswerKind.CODE:
        return any(panel.likeness[first][i].typed for i in members[1:])
    return kind not in _WORDED


def over_panel(panel: Panel, figures: Sequence[float]) -> float:
    """The weighted mean of a figure over the answers; refusals count only among themselves."""
    real = [i for i, reading in enumerate(panel.readings) if not reading.refuses]
    if not real or len(real) == len(figures):
        return weighted_mean(figures, panel.weights)
    return weighted_mean([figures[i] for i in real], [panel.weights[i] for i in real])
