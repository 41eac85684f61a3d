"""The decision: from the standing answers of a panel to one consensus. Values in, values out."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from consensus.execution.remembered import remembered_answer
from consensus.judging.pairs import with_verdicts
from consensus.panel import Panel, over_panel, rank, read_panel
from consensus.quality import Quality
from consensus.reasoning import Findings, explain
from consensus.trust.casting import cast_ballot
from consensus.trust.model import scaled
from consensus.verdict import Comparison, Consensus, Status, Vote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consensus.answers import Question
    from consensus.ballot import TrustModel
    from consensus.embedding.embedder import Embedder
    from consensus.entailment.judgement import Entailment
    from consensus.transcript import Attempt, Transcript
    from consensus.trust.topics import Topics
    from consensus.verdict import Floors


def decide(  # noqa: PLR0913 - each is a different thing the decision rests on
    question: Question,
    transcript: Transcript,
    *,
    weights: Mapping[str, float],
    floors: Floors,
    min_providers: int,
    embedder: Embedder | None,
    trust: TrustModel,
    topics: Topics | None = None,
    entailment: Entailment | None = None,
    judged: Mapping[frozenset[str], bool] | None = None,
) -> Consensus:
    """Find the best supported answer, and say how sure we may be of it.

    Args:
        question: What was asked.
        transcript: What came back; each provider stands by its latest answer.
        weights: What the operator counts each provider, on any scale; 1 where not named.
        floors: What each quality figure should reach.
        min_providers: Fewer answers than this set ``below_minimum``.
        embedder: Aligns free text and questions; None leaves that to the words they share.
        trust: Chooses among the answers and says how likely the choice is right.
        topics: Places the question for ``trust``; None leaves its topic out.
        entailment: Judges free text that types and rules leave open; None leaves it to the wording.
        judged: What judges found of pairs that were open (`consensus.judging`): by the two providers,
            whether their answers say the same.

    Raises:
        ValueError: No answer stands, or a weight is negative or not finite.
    """
    kind = str(question.asks)
    names = [answer.provider for answer in transcript.answers]
    panel = read_panel(
        question,
        transcript.answers,
        weighed(trust, kind, names, weights),
        embedder,
        entailment,
    )
    panel = with_verdicts(panel, judged or {})
    computed = remembered_answer(question.text)
    ballot = cast_ballot(
        question,
        panel,
        topics=topics,
        computed=computed,
        independence=transcript.independence,
    )
    likely = trust.probabilities(ballot, weights)
    # The ballot's voters stand in the order of the answers.
    home = {i: g for g, members in enumerate(ballot.groups) for i in members}
    chances = [likely[home[i]] for i in range(len(names))]
    ranked = rank(panel, chances)
    winner = ranked[0]
    # The ballot's groups, in the order of their best answer: whoever judged them judged these.
    groups = tuple(dict.fromkeys(ballot.groups[home[i]] for i in ranked))
    agreeing = groups[0]
    quality = Quality(
        confidence=chances[winner],
        agreement=panel.scores[winner] or 0.0,
        coherence=over_panel(panel, panel.coherence),
        relevance=over_panel(panel, panel.relevance),
    )
    below = quality.below(floors)
    standing = transcript.standing
    dissent = tuple(name for i, name in enumerate(names) if i not in agreeing)
    status = _status(len(names), len(standing), dissent)
    votes = _votes(panel, standing)
    return Consensus(
        winner=names[winner],
        ranking=tuple(names[i] for i in ranked),
        confidence=quality.confidence,
        confidence_source=trust.source(kind),
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
                groups=tuple(tuple(names[i] for i in members) for members in groups),
                quality=quality,
                floors=floors,
                below=below,
                min_providers=min_providers,
                incoherent=_under(panel, panel.coherence, floors.coherence),
                off_topic=_under(panel, panel.relevance, floors.relevance),
                apart={names[i]: panel.likeness[winner][i] for i in ranked if i not in agreeing},
                entailment=panel.entailment,
                computed=computed,
            )
        ),
        dissent=dissent,
        votes=votes,
        comparisons=_comparisons(panel, names),
        entailment=str(panel.entailment),
        computed=computed,
        ballot=ballot,
    )


def weighed(
    trust: TrustModel, kind: str, providers: Sequence[str], weights: Mapping[str, float]
) -> dict[str, float]:
    """What each provider's vote counts: what was learned, times what the operator says."""
    learned = trust.provider_weights(kind, providers)
    counted = scaled(weights, providers)
    return {name: learned[name] * own for name, own in zip(providers, counted, strict=True)}


def _under(panel: Panel, figures: Sequence[float], floor: float) -> tuple[str, ...]:
    """The providers whose own figure misses the floor; a refusal has nothing to be judged by."""
    judged = zip(panel.answers, panel.readings, figures, strict=True)
    return tuple([a.provider for a, r, figure in judged if figure < floor and not r.refuses])


def _comparisons(panel: Panel, names: Sequence[str]) -> tuple[Comparison, ...]:
    """Each two answers once, in order asked."""
    found = []
    for i, j in combinations(range(len(names)), 2):
        like = panel.likeness[i][j]
        found.append(Comparison((names[i], names[j]), like.degree, like.same, str(like.reason)))
    return tuple(found)


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
        [
            Vote(attempt, None, None, 0.0)
            if (i := position.get(attempt.provider)) is None
            else Vote(attempt, panel.readings[i].final, panel.scores[i], panel.weights[i])
            for attempt in standing
        ]
    )
