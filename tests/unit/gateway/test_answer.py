"""What a record keeps of an answer for learning: how the answers fell, and which were given out."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from consensus.ballot import ConfidenceSource
from consensus.verdict import Consensus, Status
from gateway.answer import Answer, RolloutPlace
from learning.records import RequestRecord
from providers.messages import Usage
from tests.support.ballots import ballot

DRAFT = RequestRecord("r-1", datetime.now(UTC), "i", None, 0, None, 0.0)
CONSENSUS = Consensus(
    winner="claude",
    ranking=("claude", "gpt", "gemini"),
    confidence=0.8,
    confidence_source=ConfidenceSource.PRIOR,
    agreement=0.3,
    coherence=1.0,
    relevance=1.0,
    status=Status.CONTESTED,
    below=(),
    below_minimum=False,
    rounds=1,
    reasoning="",
    dissent=("gpt", "gemini"),
    votes=(),
    ballot=ballot("gpt gemini", "claude"),
)
UNTYPED = replace(CONSENSUS, ballot=replace(CONSENSUS.ballot, typed=False))


def recorded(consensus, source):
    place = RolloutPlace("100", 0.25, "wall_bounce")
    answer = Answer("r-1", "…", source, place, consensus, (), Usage(), None, 500.0, 3.0)
    return replace(DRAFT, **answer.outcome())


@pytest.mark.parametrize(
    ("consensus", "source", "group"),
    [
        pytest.param(CONSENSUS, "claude", 1, id="the winner's own words"),
        pytest.param(UNTYPED, "claude", 1, id="the winner's own free text"),
        pytest.param(CONSENSUS, "synthesis", 1, id="a merged text, held to the winner's answer"),
        pytest.param(UNTYPED, "synthesis", None, id="merged free text is nobody's"),
    ],
)
def test_the_group_returned_is_the_one_whose_answer_the_text_gives(consensus, source, group):
    record = recorded(consensus, source)
    assert record.ballot == consensus.ballot
    assert record.returned_group == group


def test_an_answer_without_a_ballot_keeps_none():
    for consensus in (None, replace(CONSENSUS, ballot=None)):
        record = recorded(consensus, "claude")
        assert (record.ballot, record.returned_group) == (None, None)
