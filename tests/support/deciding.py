"""A decision simple enough to predict: answers agree when their texts are equal."""

from consensus.ballot import ConfidenceSource
from consensus.transcript import Transcript
from consensus.verdict import Consensus, Status, Vote


def decide_by_text(transcript: Transcript) -> Consensus:
    """The most frequent text wins; among equals the one asked first."""
    answers = transcript.answers
    votes = {a.provider: sum(b.text == a.text for b in answers) for a in answers}
    ranking = tuple(sorted(votes, key=lambda name: -votes[name]))
    text_of = {a.provider: a.text for a in answers}
    dissent = tuple(name for name in ranking if text_of[name] != text_of[ranking[0]])
    share = votes[ranking[0]] / len(answers)
    return Consensus(
        winner=ranking[0],
        ranking=ranking,
        confidence=share,
        confidence_source=ConfidenceSource.PRIOR,
        agreement=share,
        coherence=1.0,
        relevance=1.0,
        status=Status.CONTESTED if dissent else Status.AGREED,
        below=(),
        below_minimum=False,
        rounds=transcript.rounds,
        reasoning="",
        dissent=dissent,
        votes=tuple(Vote(a, None, None, 1 / len(answers)) for a in answers),
    )
