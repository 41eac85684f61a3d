"""Counts finished requests, and what was later said of them, into tallies by arm and by provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from learning.monitor.bins import bin_of
from learning.monitor.tally import ARM, CONFIDENCE_BINS, PROVIDER, Tally
from learning.records import IMPATIENT_DEADLINE_MS, SINGLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consensus.ballot import Ballot
    from learning.monitor.tally import Tallies
    from learning.records import RequestRecord, VoteRecord

NO_ARM = "none"
"""Requests that ended before they got an arm."""

FILTERED = "content_filtered"
"""A vendor's own refusal, told by its API instead of by its answer."""

NOT_THE_VENDORS = frozenset({FILTERED, "cut_off", "truncated", "rejected"})
"""Codes of calls that ended by our doing, the caller's limits or the prompt: no failure of a vendor."""

_HTTP_CLIENT_ERROR = 400


@dataclass(frozen=True, slots=True)
class Said:
    """What callers said of one answer: the last label and the last rating, None for none."""

    correct: bool | None = None
    rating: int | None = None


UNSAID = Said()


@dataclass(frozen=True, slots=True)
class Standing:
    """One provider's answer as the ballot has it.

    ``with_returned``: it says what the returned answer says; None where that is not known.
    """

    provider: str
    model: str
    refuses: bool
    with_returned: bool | None


def standings(ballot: Ballot | None, returned: int | None) -> Iterator[Standing]:
    """How each standing answer lies to the returned one; nothing without a ballot."""
    if ballot is None:
        return
    known = returned is not None and 0 <= returned < len(ballot.groups)
    for g, members in enumerate(ballot.groups):
        for i in members:
            voter = ballot.voters[i]
            yield Standing(
                voter.provider, voter.model, ballot.refuses[g], g == returned if known else None
            )


def is_wrong(standing: Standing, *, correct: bool) -> bool | None:
    """What a label of the returned answer says of a provider's: None where it says nothing.

    As `learning.patterns.pattern.VendorTally`: who said the same shares its fate, who did not is wrong
    where it was right.
    """
    if standing.with_returned is None:
        return None
    if standing.with_returned:
        return not correct
    return True if correct else None


def says_something(vote: VoteRecord, *, patient: bool) -> bool:
    """Whether a call tells how its vendor does: an answer, or a failure of the vendor's own."""
    if vote.error_code == "timeout":
        return patient  # a caller's haste says nothing of the vendor
    return vote.error_code not in NOT_THE_VENDORS


def is_patient(record: RequestRecord) -> bool:
    """Whether the caller gave the vendors time."""
    return record.timeout_ms >= IMPATIENT_DEADLINE_MS


def written_tokens(vote: VoteRecord) -> int:
    """The length of an answer: tokens written that are no reasoning."""
    return max(0, vote.usage.output_tokens - vote.usage.reasoning_tokens)


def count(tallies: Tallies, record: RequestRecord, said: Said = UNSAID) -> None:
    """Add one request to its arm and to the providers it asked."""
    arm = SINGLE if record.is_single else record.arm or NO_ARM
    of_arm = tallies.setdefault((ARM, arm), Tally())
    _count_request(of_arm, record, said)
    patient = is_patient(record)
    for vote in record.votes:
        of_provider = tallies.setdefault((PROVIDER, vote.provider), Tally())
        _count_vote(of_provider, vote, patient=patient)
    for standing in standings(record.ballot, record.returned_group):
        of_provider = tallies.setdefault((PROVIDER, standing.provider), Tally())
        _count_standing(of_provider, standing, said)


def _count_request(tally: Tally, record: RequestRecord, said: Said) -> None:
    answered = record.status < _HTTP_CLIENT_ERROR
    tally.count += 1
    tally.measured += answered or record.is_error
    tally.errors += record.is_error
    if record.code is not None:
        tally.codes[record.code] = tally.codes.get(record.code, 0) + 1
    if answered:
        _into(tally.latency, bin_of(record.latency_ms))
    if record.agreement is not None:
        tally.agreed += 1
        tally.agreement += record.agreement
    if record.confidence is not None:
        tally.confident += 1
        tally.confidence += record.confidence
    _count_spent(tally, record)
    ballot, returned = record.ballot, record.returned_group
    if ballot is not None and returned is not None and 0 <= returned < len(ballot.groups):
        tally.read += 1
        tally.refusals += ballot.refuses[returned]
    _count_said(tally, record, said)


def _count_said(tally: Tally, record: RequestRecord, said: Said) -> None:
    if said.rating is not None:
        tally.rated += 1
        tally.rating += said.rating
    if said.correct is None:
        return
    tally.right += said.correct
    tally.wrong += not said.correct
    if record.confidence is not None:
        place = min(int(record.confidence * CONFIDENCE_BINS), CONFIDENCE_BINS - 1)
        _into(tally.labelled, place)
        tally.stated[place] = tally.stated.get(place, 0.0) + record.confidence
        if said.correct:
            _into(tally.kept, place)


def _count_vote(tally: Tally, vote: VoteRecord, *, patient: bool) -> None:
    tally.count += 1
    measured = says_something(vote, patient=patient)
    tally.measured += measured
    if vote.error_code is None:
        _into(tally.latency, bin_of(vote.latency_ms))
        _into(tally.length, bin_of(written_tokens(vote)))
    else:
        tally.errors += measured
        tally.codes[vote.error_code] = tally.codes.get(vote.error_code, 0) + 1
        if vote.error_code == FILTERED:
            tally.read += 1
            tally.refusals += 1
    _count_spent(tally, vote)


def _count_standing(tally: Tally, standing: Standing, said: Said) -> None:
    tally.read += 1
    tally.refusals += standing.refuses
    if standing.with_returned is not None:
        tally.compared += 1
        tally.with_returned += standing.with_returned
    if said.correct is not None:
        wrong = is_wrong(standing, correct=said.correct)
        if wrong is not None:
            tally.wrong += wrong
            tally.right += not wrong


def _count_spent(tally: Tally, spent: RequestRecord | VoteRecord) -> None:
    tally.input_tokens += spent.usage.input_tokens
    tally.output_tokens += spent.usage.output_tokens
    if spent.cost_usd is not None:
        tally.priced += 1
        tally.cost_usd += spent.cost_usd


def _into(bins: dict[int, int], number: int) -> None:
    bins[number] = bins.get(number, 0) + 1
