"""Failure cases: what went wrong in a request, what that did, what was done, what would prevent it. Pure.

Sentences are the same for the same cause, so that failures can be counted by them; they hold names of
providers, codes and figures, and nothing of prompts or answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning.patterns.pattern import Failure
from learning.patterns.stances import Stance, hurried

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning.patterns.stances import Outcome
    from learning.records import RequestRecord

SURE = 0.8
"""A confidence from which a wrong answer was a surprise: one in five at most is to be wrong there."""

_PREVENTION = {
    "timeout": "a longer timeout, or asking a quicker provider in its place",
    "rate_limited": "a higher rate limit with the vendor, or less traffic to it",
    "overloaded": "another endpoint of the vendor, or another provider first",
    "server_error": "another endpoint of the vendor, or another provider first",
    "connection_failed": "a look at the vendor's base URL and the way to it",
    "connection_lost": "another endpoint of the vendor, or another provider first",
    "malformed_reply": "another model of the vendor",
    "empty_reply": "another model of the vendor, or more tokens to answer in",
    "cut_reply": "more tokens to answer in",
    "truncated": "more tokens to answer in",
    "content_filtered": "asking a provider that takes such prompts",
    "rejected": "asking a provider that takes such prompts",
    "unauthorized": "a valid key of the vendor",
}
_OTHERWISE = "asking another provider first"


def failure_of(record: RequestRecord) -> Failure | None:
    """What went wrong, as far as it is known without a label; None where nothing did.

    A caller who left, or was in haste, is no failure of ours; nor is the end of the process.
    """
    if record.cut_short or hurried(record):
        return None
    failed = _failed(record)
    if record.votes and record.asked_in_vain:
        return Failure(
            trigger=f"no answer: {_causes(failed)}",
            impact=f"the request was answered with {record.status} {record.code or ''}".rstrip(),
            resolution="none: the caller had to ask again",
            prevention=_prevention(failed),
        )
    if record.is_error:
        return Failure(
            trigger=f"failed: {record.code or record.status}",
            impact=f"the request was answered with {record.status}",
            resolution="none: the caller had to ask again",
            prevention="a look at the gateway's log at that time",
        )
    if failed:
        answered = len({vote.provider for vote in record.votes}) - len(failed)
        return Failure(
            trigger=f"no answer of {_causes(failed)}",
            impact=f"{answered} of {answered + len(failed)} providers answered",
            resolution="answered without it" if len(failed) == 1 else "answered without them",
            prevention=_prevention(failed),
        )
    return None


def wrong_answer(outcomes: Mapping[str, Outcome], confidence: float | None) -> Failure:
    """What went wrong where a label says that the answer given out was wrong."""
    behind = [name for name, outcome in outcomes.items() if outcome.stance is Stance.WITH]
    against = [name for name, outcome in outcomes.items() if outcome.stance is Stance.AGAINST]
    sure = confidence is not None and confidence >= SURE
    told = "" if confidence is None else f" with a confidence of {confidence:.2f}"
    if against:
        prevention = f"counting {_and(against)} more on questions like this, which said otherwise"
    elif len(behind) == 1:
        prevention = "asking another provider too"
    else:
        prevention = "asking a provider that has not been asked, or going deeper"
    return Failure(
        trigger="wrong and sure of it" if sure else "wrong answer",
        impact=f"a wrong answer was given out{told}",
        resolution="a label told it",
        prevention=prevention,
    )


def _failed(record: RequestRecord) -> dict[str, str]:
    """Providers that never answered, with their last code."""
    codes = {vote.provider: vote.error_code for vote in record.votes if vote.error_code is not None}
    answered = {vote.provider for vote in record.votes if vote.error_code is None}
    return {name: code for name, code in codes.items() if name not in answered}


def _causes(failed: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({code})" for name, code in sorted(failed.items()))


def _prevention(failed: Mapping[str, str]) -> str:
    ways = dict.fromkeys(_PREVENTION.get(code, _OTHERWISE) for _, code in sorted(failed.items()))
    return "; ".join(ways) or _OTHERWISE


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
