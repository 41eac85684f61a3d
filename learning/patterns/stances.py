"""How each provider's answer lay to the one given out, and what a label says of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from learning.patterns.pattern import VendorTally
from learning.records import IMPATIENT_DEADLINE_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning.records import RequestRecord, VoteRecord


class Stance(StrEnum):
    """How a provider's answer lay to the one given out; the value is how it is stored."""

    WITH = "with"
    """It said the same: right or wrong with it."""
    AGAINST = "against"
    """It said something else: wrong where the given one was right."""
    ASIDE = "aside"
    """Nobody knows, or nobody was given an answer: a label says nothing of it."""
    FAILED = "failed"
    """It gave no answer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking one provider in one request.

    ``latency_ms`` is the sum over its answers, ``cost_usd`` over all it was asked, as far as known.
    """

    stance: Stance
    latency_ms: float = 0.0
    cost_usd: float = 0.0

    def tally(self, correct: bool | None) -> VendorTally:
        """What it adds to its provider's tally, with the label there is; None for none."""
        stance = self.stance
        right = stance is Stance.WITH and correct is True
        wrong = (stance is Stance.WITH and correct is False) or (
            stance is Stance.AGAINST and correct is True
        )
        failed = stance is Stance.FAILED
        return VendorTally(
            asked=1,
            right=int(right),
            wrong=int(wrong),
            untold=int(not (right or wrong or failed)),
            failed=int(failed),
            latency_ms=self.latency_ms,
            cost_usd=self.cost_usd,
        )


def outcomes_of(record: RequestRecord) -> dict[str, Outcome]:
    """What came of each provider asked, in the order first asked.

    A provider that failed in one round and answered in another answered. Votes that the caller's haste
    cut off say nothing of their providers, and are left out.
    """
    attempts: dict[str, list[VoteRecord]] = {}
    for vote in record.votes:
        if not (hurried(record) and vote.error_code == "timeout"):
            attempts.setdefault(vote.provider, []).append(vote)
    stances = _stances(record)
    return {
        name: Outcome(
            stances.get(name, Stance.ASIDE)
            if any(vote.error_code is None for vote in votes)
            else Stance.FAILED,
            sum(vote.latency_ms for vote in votes if vote.error_code is None),
            sum(vote.cost_usd or 0.0 for vote in votes),
        )
        for name, votes in attempts.items()
    }


def hurried(record: RequestRecord) -> bool:
    """Whether the caller left so little time that a time-out says nothing of a vendor."""
    return record.timeout_ms < IMPATIENT_DEADLINE_MS


def _stances(record: RequestRecord) -> Mapping[str, Stance]:
    """Of those whose answer is known to say the same as the given one, or something else."""
    ballot, given = record.ballot, record.returned_group
    if record.is_shadow:
        return {}
    if ballot is None:
        # No panel: whoever is named as the source was given out word for word.
        return {record.answer_source: Stance.WITH} if record.answer_source else {}
    if given is None or not 0 <= given < len(ballot.groups) or ballot.refuses[given]:
        return {}  # a refusal is right or wrong by other measures than an answer
    return {
        ballot.voters[i].provider: Stance.WITH if group == given else Stance.AGAINST
        for group, members in enumerate(ballot.groups)
        for i in members
    }
