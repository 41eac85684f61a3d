"""What was asked of whom in which round, and what came back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from consensus.lazily import lazily
from providers.messages import Usage
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consensus.flips import Flip


CUT_OFF = "cut_off"
"""The failure code of a straggler whose answer was no longer needed."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a provider gave no usable answer; ``code`` as in `providers.errors` or `CUT_OFF`.

    ``down``: it says that the vendor, not the request, is ill (5xx, connection, time-out).
    ``usage``: the tokens the vendor reported of a reply that is no answer; None if it reported none.
    """

    code: str
    message: str
    retryable: bool
    down: bool = False
    usage: Usage | None = None


@value(frozen=True, slots=True)
class Attempt:
    """One provider asked once. Exactly one of ``text`` and ``failure`` is set.

    ``usage`` is what the vendor reported, also of a reply that is no answer. ``cost_usd`` is None
    when it is unknown: of a model without a known price, and of a failure whose vendor reported no
    tokens, billed or not. ``latency_ms`` is the wait for this call, retries included. ``review`` is
    what a challenged model remarked on the others' points, taken off its ``text``. ``adjusted`` says in
    words which of the caller's wishes the vendor was not asked, or asked otherwise.
    """

    provider: str
    vendor: str
    model: str
    round: int
    latency_ms: float
    text: str | None = None
    failure: Failure | None = None
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = None
    review: str | None = None
    adjusted: tuple[str, ...] = ()


@value(frozen=True)
class Transcript:
    """All attempts of one request, in the order of their rounds. Rounds count from 1.

    ``flips``: the changes of mind among them, as `consensus.conformity.flips_of` finds them.
    """

    attempts: tuple[Attempt, ...] = ()
    flips: tuple[Flip, ...] = ()

    def __add__(self, more: tuple[Attempt, ...]) -> Transcript:
        return Transcript(self.attempts + more, self.flips)

    @property
    def independence(self) -> Mapping[str, float]:
        """How far each standing answer supports independently of the others, in [0, 1].

        By provider: 1 where it was held since its author's blind answer or changed with new evidence,
        lower where it was taken over without (`consensus.flips`).
        """
        if not self.flips:
            return {a.provider: 1.0 for a in self.answers}
        latest = {flip.provider: flip.independence for flip in self.flips}
        return {a.provider: latest.get(a.provider, 1.0) for a in self.answers}

    @lazily
    def rounds(self) -> int:
        """The number of the last round begun; 0 before the first."""
        return max([a.round for a in self.attempts], default=0)

    @lazily
    def standing(self) -> tuple[Attempt, ...]:
        """One attempt a provider, in the order first asked: its latest answer.

        A provider that failed in a later round stands by its earlier answer; one that never
        answered is represented by its latest failure.
        """
        latest: dict[str, Attempt] = {}
        for attempt in self.attempts:
            held = latest.get(attempt.provider)
            if held is None or attempt.text is not None or held.text is None:
                latest[attempt.provider] = attempt
        return tuple(latest.values())

    @lazily
    def answers(self) -> tuple[Attempt, ...]:
        """The standing attempts that are answers."""
        return tuple([a for a in self.standing if a.text is not None])

    @property
    def usage(self) -> Usage:
        """Tokens of all attempts together."""
        total = Usage()
        for attempt in self.attempts:
            total += attempt.usage
        return total

    @property
    def cost_usd(self) -> float | None:
        """USD of all attempts together, as far as it is known; None if an answer's price is not.

        Failures count with what their vendors reported (a truncated reply is billed like a whole
        one) and else with nothing: one vendor's silence must not hide what the others cost. What
        may have been billed at most is `consensus.spending.spent_usd`.
        """
        if any(a.cost_usd is None and a.text is not None for a in self.attempts):
            return None
        return sum(a.cost_usd or 0.0 for a in self.attempts)
