"""A circuit breaker: when an endpoint that fails or has become slow is left alone, and tried again.

Theory of operation
-------------------
    closed ───── ill calls ─────► open ───── its time is over ─────► half open
      ▲                            ▲                                   │     │
      └──── so many probes well ───┼───────────────────────────────────┘     │
                                   └──────────────── a probe ill ────────────┘

A call is **ill** when it failed in a way that says the vendor is down (`providers.errors`, ``down``), or took
longer than is usual for this endpoint (`providers.resilience.yardstick`). Other failures say that the
vendor is there, and count as well. The circuit opens after `CircuitTerms.run` ill calls in a row, or when
of the last ``window`` calls, at least ``least`` of them no older than ``window_s``, a ``share`` was ill
(resilience4j's failure and slow-call rates over a count-based window; Envoy's consecutive errors).

A call that has not ended when it is overdue is ill already: a vendor that hangs is noticed by the calls that
come after, not by the deadlines of those it holds. Nobody needs to watch for that: each new call looks at
the oldest one. A call that one begun after it has overtaken, and ended well, is but a long one, and counts when
it ends.

An open circuit refuses for 1 s, then 2 s, 4 s and 5 s at most while probes fail, less up to half by jitter,
so that a vendor that is back is in use again within 10 s. Half open, it lets ``probes`` calls pass at once, and
another whenever the last has been out for 5 s: probes that hang are not to keep it shut.
It may be overruled (`Circuit.overrule`) when nobody else could answer; an overruled call that ends well is
as good as a probe.

Calls begun before the circuit last opened say nothing more of it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class State(StrEnum):
    """Of a circuit."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Outcome(StrEnum):
    """What a call says of its endpoint. ``SILENT`` says nothing: it was given up too early to tell."""

    WELL = "well"
    FAILED = "failed"
    SLOW = "slow"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class CircuitTerms:
    """When a circuit opens and closes; the module's docstring says how. Times in seconds."""

    run: int = 5
    window: int = 20
    least: int = 10
    window_s: float = 30.0
    share: float = 0.5
    first_open_s: float = 1.0
    longest_open_s: float = 5.0
    probes: int = 2

    def open_s(self, opened: int, uniform: float) -> float:
        """How long it stays open for the ``opened``-th time in a row; ``uniform`` is a draw from [0, 1)."""
        ceiling = min(self.longest_open_s, self.first_open_s * 2.0 ** (opened - 1))
        return ceiling * (1.0 - uniform / 2.0)


class Ticket:
    """A call a circuit let pass. ``due`` is when it is overdue; `Circuit` alone changes it."""

    __slots__ = ("counted", "due", "epoch", "number", "probe")

    def __init__(self, epoch: int, due: float | None, *, probe: bool, number: int = 0) -> None:
        self.epoch = epoch
        self.due = due
        self.probe = probe
        self.number = number
        self.counted = False


class Circuit:
    """One endpoint's circuit. Every ``now`` is of one clock, in seconds; ``draw`` draws from [0, 1)."""

    __slots__ = (
        "_draw",
        "_epoch",
        "_in_row",
        "_number",
        "_opened",
        "_out",
        "_overtaken",
        "_passed",
        "_probed_at",
        "_recent",
        "_terms",
        "_until",
        "_watched",
        "opens",
        "reason",
        "state",
    )

    def __init__(self, terms: CircuitTerms, draw: Callable[[], float]) -> None:
        self._terms = terms
        self._draw = draw
        self.state = State.CLOSED
        self.opens = 0
        """How often it has opened."""
        self.reason: Outcome | None = None
        """Why it is not closed: ``FAILED`` or ``SLOW``, whichever more of the calls were; None closed."""
        self._recent: deque[tuple[float, Outcome]] = deque(maxlen=self._terms.window)
        self._watched: dict[Ticket, None] = {}
        self._in_row = 0  # ill calls
        self._opened = 0  # times without closing between
        self._until = 0.0
        self._epoch = 0
        self._number = 0  # of the last call that is watched
        self._overtaken = 0  # calls of lower numbers, by one that went well
        self._probed_at = 0.0
        self._out = 0  # probes under way
        self._passed = 0  # probes that went well

    def refuses(self, now: float) -> bool:
        """Whether a call now would be refused. Changes nothing."""
        if self.state is State.CLOSED:
            return False
        if self.state is State.OPEN:
            return now < self._until
        return (
            self._out >= self._terms.probes and now - self._probed_at < self._terms.longest_open_s
        )

    def wait_s(self, now: float) -> float:
        """Seconds until it may let a call pass; 0 where it may now."""
        return max(0.0, self._until - now) if self.state is State.OPEN else 0.0

    def admit(self, now: float, slow_s: float | None) -> Ticket | None:
        """Let a call pass, or refuse it: None. It is overdue after ``slow_s``, if that is known."""
        if self._watched:
            self._look_at_oldest(now)
        if self.state is not State.CLOSED:
            if self.refuses(now):
                return None
            if self.state is State.OPEN:
                self.state = State.HALF_OPEN
                self._out = self._passed = 0
            self._out += 1
            self._probed_at = now
            return Ticket(self._epoch, None, probe=True)
        if slow_s is None:
            return Ticket(self._epoch, None, probe=False)
        self._number += 1
        ticket = Ticket(self._epoch, now + slow_s, probe=False, number=self._number)
        self._watched[ticket] = None
        return ticket

    def overrule(self) -> Ticket:
        """Let a call pass although the circuit refuses it: nobody else could answer."""
        return Ticket(self._epoch, None, probe=False)

    @staticmethod
    def unasked() -> Ticket:
        """For a call of which the circuit is not to know."""
        return Ticket(-1, None, probe=False)

    def settle(self, ticket: Ticket, outcome: Outcome, now: float) -> None:
        """The call has ended, once a ticket. A call that was overdue has been counted then."""
        if ticket.due is not None:
            self._watched.pop(ticket, None)
            if outcome is Outcome.WELL and ticket.number > self._overtaken:
                self._overtaken = ticket.number
        if ticket.epoch != self._epoch:
            return
        if ticket.probe:
            self._out = max(0, self._out - 1)
        if ticket.counted or outcome is Outcome.SILENT:
            return
        self._take(outcome, now)

    def note(self, outcome: Outcome, now: float) -> None:
        """Something more was seen of the endpoint, of a call that is settled."""
        self._take(outcome, now)

    def _take(self, outcome: Outcome, now: float) -> None:
        ill = outcome is not Outcome.WELL
        match self.state:
            case State.CLOSED:
                self._recent.append((now, outcome))
                if not ill:
                    self._in_row = 0
                    return
                self._in_row += 1
                if self._in_row >= self._terms.run or self._too_many(now):
                    self._open(now)
            case State.HALF_OPEN if ill:
                self.reason = outcome
                self._open(now)
            case State.HALF_OPEN:
                self._well(now)
            case State.OPEN if not ill:  # an overruled call
                self.state = State.HALF_OPEN
                self._out = self._passed = 0
                self._well(now)
            case _:
                pass  # an overruled call found what was known

    def _well(self, now: float) -> None:
        self._passed += 1
        if self._passed < self._terms.probes:
            return
        self.state = State.CLOSED
        self.reason = None
        self._opened = self._in_row = 0
        self._recent.clear()
        self._recent.append((now, Outcome.WELL))

    def _too_many(self, now: float) -> bool:
        """Whether the share of ill calls in the window opens it."""
        young = [outcome for at, outcome in self._recent if now - at <= self._terms.window_s]
        ill = len(young) - young.count(Outcome.WELL)
        return len(young) >= self._terms.least and ill >= self._terms.share * len(young)

    def _open(self, now: float) -> None:
        if self.state is State.CLOSED:
            kinds = [outcome for _, outcome in self._recent]
            failed, slow = kinds.count(Outcome.FAILED), kinds.count(Outcome.SLOW)
            self.reason = Outcome.SLOW if slow > failed else Outcome.FAILED
        self.state = State.OPEN
        self.opens += 1
        self._opened += 1
        self._epoch += 1
        self._in_row = 0
        self._until = now + self._terms.open_s(self._opened, self._draw())
        self._watched.clear()

    def _look_at_oldest(self, now: float) -> None:
        """Count the calls that are overdue, from the oldest to the first that is not."""
        while self._watched:
            ticket = next(iter(self._watched))
            if ticket.due is None or now <= ticket.due:
                return
            del self._watched[ticket]
            if ticket.number < self._overtaken:
                continue
            ticket.counted = True
            self._take(Outcome.SLOW, now)
