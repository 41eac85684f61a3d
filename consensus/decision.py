"""The decision: from the standing answers of a panel to one consensus. Values in, values out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consensus.judging.pairs import with_verdicts
from consensus.panel import Panel, over_panel, rank, read_panel, vote_pattern
from consensus.quality import Quality
from consensus.reasoning import Findings, explain
from consensus.verdict import Consensus, Status, Vote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consensus.answers import Question
    from consensus.calibration import Calibrator
    from consensus.embedding.embedder import Embedder
    from consensus.entailment.judgement import Entailment
    from consensus.transcript import Attempt, Transcript
    from consensus.verdict import Floors


def decide(  # noqa: PLR0913 - each is a different thing the decision rests on
    question: Question,
    transcript: Transcript,
    *,
    weights: Mapping[str, float],
    floors: Floors,
    min_providers: int,
    embedder: Embedder | None,
    calibrator: Calibrator,
    entailment: Entailment | None = None,
    judged: Mapping[frozenset[str], bool] | None = None,
) -> Consensus:
    """Find the best supported answer, and say how sure we may be of it.

    Args:
        question: What was asked.
        transcript: What came back; each provider stands by its latest answer.
        weights: Prior weight by provider, on any scale; providers not named get 1.
        floors: What each quality figure should reach.
        min_providers: Fewer answers than this set ``below_minimum``.
        embedder: Aligns free text and questions; None leaves that to the words they share.
        calibrator: Turns the vote pattern into a probability.
        entailment: Judges free text that types and rules leave open; None leaves it to the wording.
        judged: What judges found of pairs that were open (`consensus.judging`): by the two providers,
            whether their answers say the same.

    Raises:
        ValueError: No answer stands, or a weight is negative or not finite.
    """
    panel = read_panel(question, transcript.answers, weights, embedder, entailment)
    panel = with_verdicts(panel, judged or {})
    ranked = rank(panel)
    winner = ranked[0]
    agreeing = panel.agreeing(winner)
    quality = Quality(
        confidence=calibrator.confidence(vote_pattern(panel, winner)),
        agreement=panel.score(winner) or 0.0,
        coherence=over_panel(panel, panel.coherence),
        relevance=over_panel(panel, panel.relevance),
    )
    below = quality.below(floors)
    standing = transcript.standing
    names = [answer.provider for answer in panel.answers]
    dissent = tuple(name for i, name in enumerate(names) if i not in agreeing)
    status = _status(len(names), len(standing), dissent)
    votes = _votes(panel, standing)
    return Consensus(
        winner=names[winner],
        ranking=tuple(names[i] for i in ranked),
        confidence=quality.confidence,
        confidence_source=calibrator.source,
        agreement=quality.agreement,
        coherence=quality.coherence,
        relevance=quality.relevance,
        status=status,
        below=below,
        below_minimum=len(names) < min_providers,
        rounds=transcript.rounds,
        reasoning=explain(
            Findings(
                language=question.language,
                votes=votes,
                groups=_groups(panel, ranked),
                quality=quality,
                floors=floors,
                below=below,
                min_providers=min_providers,
                incoherent=_under(panel, panel.coherence, floors.coherence),
                off_topic=_under(panel, panel.relevance, floors.relevance),
            )
        ),
        dissent=dissent,
        votes=votes,
    )


def _under(panel: Panel, figures: Sequence[float], floor: float) -> tuple[str, ...]:
    """The providers whose own figure misses the floor; a refusal has nothing to be judged by."""
    judged = zip(panel.answers, panel.readings, figures, strict=True)
    return tuple(a.provider for a, r, figure in judged if figure < floor and not r.refuses)


def _status(answers: int, asked: int, dissent: Sequence[str]) -> Status:
    """The first that applies, as API.md orders them."""
    if answers == 1:
        return Status.SINGLE
    if answers < asked:
        return Status.DEGRADED
    return Status.CONTESTED if dissent else Status.AGREED


def _votes(panel: Panel, standing: Sequence[Attempt]) -> tuple[Vote, ...]:
    """One vote for every provider asked, in order asked."""
    position = {answer.provider: i for i, answer in enumerate(panel.answers)}
    return tuple(
        Vote(attempt, None, None, 0.0)
        if (i := position.get(attempt.provider)) is None
        else Vote(attempt, panel.readings[i].final, panel.score(i), panel.weights[i])
        for attempt in standing
    )


def _groups(panel: Panel, ranked: Sequence[int]) -> tuple[tuple[str, ...], ...]:
    """Providers that say the same, best supported first; each provider is in one group."""
    groups: list[tuple[str, ...]] = []
    placed: set[int] = set()
    for i in ranked:
        members = [j for j in panel.agreeing(i) if j not in placed]
        if i not in placed:
            placed.update(members)
            groups.append(tuple(panel.answers[j].provider for j in members))
    return tuple(groups)
