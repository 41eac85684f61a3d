"""What of a vote goes out on the wire."""

from dataclasses import asdict

from consensus.transcript import Attempt
from consensus.verdict import Vote
from gateway.api.answers import wire_vote
from providers.messages import Usage


def test_a_votes_usage_tells_every_class_of_tokens_and_the_price_list():
    usage = Usage(
        input_tokens=100,
        cached_input_tokens=20,
        cache_write_tokens=30,
        output_tokens=50,
        reasoning_tokens=10,
        cache_write_1h_tokens=5,
        audio_input_tokens=7,
        audio_output_tokens=9,
        service_tier="flex",
        region="us",
    )
    attempt = Attempt("gpt", "openai", "gpt-5", 1, 12.0, text="42", usage=usage)
    told = asdict(wire_vote(Vote(attempt, None, None, 0.0)).usage)
    assert told == {name: getattr(usage, name) for name in told}
    assert told.keys() == asdict(usage).keys() - {"region", "billed_apart"}


def test_a_vote_says_what_its_vendor_was_asked_otherwise():
    attempt = Attempt("claude", "anthropic", "c", 1, 1.0, text="42", adjusted=("no seed",))
    assert list(wire_vote(Vote(attempt, None, None, 0.0)).adjusted) == ["no seed"]
