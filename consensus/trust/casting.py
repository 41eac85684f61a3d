"""The ballot of a panel: its groups of answers, and the figures that go with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consensus.ballot import Ballot, BallotVoter
from consensus.panel import groups_of, is_typed, rank
from consensus.quality import OFF_TOPIC
from consensus.trust.figures import difficulty, group_signs, hedges

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consensus.answers import FinalAnswer, Question
    from consensus.panel import Panel
    from consensus.trust.topics import Topics

NO_ANSWER = 0.25
"""Of a panel that only declines or does not know: it is right where there is nothing to answer, which
is seldom; set by hand."""

TALK = 12
"""Content words from which a text must have something in common with its question."""


def cast_ballot(
    question: Question,
    panel: Panel,
    *,
    topics: Topics | None = None,
    computed: FinalAnswer | None = None,
    independence: Mapping[str, float] | None = None,
) -> Ballot:
    """Make the ballot of ``panel``.

    Args:
        question: What was asked.
        panel: The answers, read and compared.
        topics: Places the question; None leaves its topic out.
        computed: The answer, where it could be computed (`consensus.execution`).
        independence: By provider, in [0, 1], how far its vote is its own; 1 where not named.
    """
    if panel.unanimous:  # no order to find
        groups: tuple[tuple[int, ...], ...] = (tuple(range(len(panel.answers))),)
    else:
        groups = groups_of(panel, rank(panel))
    counted = [hedges(r.text, r.contents.tokens) for r in panel.readings]
    own = independence or {}
    return Ballot(
        kind=str(question.asks),
        language=question.language,
        voters=tuple(BallotVoter(a.provider, a.vendor, a.model) for a in panel.answers),
        groups=groups,
        refuses=tuple(all(panel.readings[i].refuses for i in members) for members in groups),
        signs=group_signs(panel.readings, groups, counted, computed),
        difficulty=difficulty(panel.readings, counted, question.text, topics),
        typed=_mostly_typed(panel, groups),
        soundness=tuple(max(_sound(panel, i) for i in members) for members in groups),
        independence=tuple(own.get(a.provider, 1.0) for a in panel.answers),
    )


def _sound(panel: Panel, i: int) -> float:
    """How far answer ``i`` can be believed for what it is, in [0, 1]: that it contradicts itself tells.

    That it strays tells only of a long text beside one that does not: a short answer, a translation or
    a poem has little in common with its question, and where all stray the question asks for it.
    """
    if panel.readings[i].refuses:
        return NO_ANSWER
    strays = len(panel.readings[i].words) >= TALK and max(panel.relevance) >= OFF_TOPIC
    return panel.coherence[i] * (min(1.0, panel.relevance[i] / OFF_TOPIC) if strays else 1.0)


def _mostly_typed(panel: Panel, groups: tuple[tuple[int, ...], ...]) -> bool:
    """True when at least half of the answers stand in groups that types tell apart."""
    typed = sum(len(members) for members in groups if is_typed(panel, members))
    return 2 * typed >= len(panel.answers)
