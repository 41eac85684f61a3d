"""One request against failing vendors, and what must hold of it however they fail."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.support.sse import events

if TYPE_CHECKING:
    import httpx

    from providers.simulator import RunningSimulator
    from tests.support.sse import Event

MARGIN_S = 3.0
"""Past its deadline a request on a busy machine may take so long; a hang takes for ever."""

UNTOLD = {
    "cut_reply",
    "malformed_reply",
    "connection_lost",
    "timeout",
    "cut_off",
    "contradicts_consensus",
    "unsupported_synthesis",
    "internal",
}
"""Failures of replies that may have been billed, and whose usage did not arrive whole."""


@dataclass
class Outcome:
    """What a caller got. ``body`` is the result, or the problem; ``deltas`` what a stream showed."""

    status: int
    body: dict[str, Any]
    took_s: float
    events: list[Event] = field(default_factory=list)

    @property
    def answered(self) -> bool:
        return self.status == 200

    @property
    def deltas(self) -> str:
        return "".join(e.data["text"] for e in self.events if e.name == "delta")

    @property
    def attempts(self) -> list[dict[str, Any]]:
        """Every call the caller is told of."""
        if self.answered:
            return self.body["votes"] + self.body["history"]
        seen = [event.data for event in self.events if event.name == "vote"]
        known = {(vote["provider"], vote["round"]) for vote in seen}
        told = self.body.get("providers", [])
        return seen + [t for t in told if (t["provider"], t["round"]) not in known]

    def of(self, vendor: str) -> list[dict[str, Any]]:
        return [a for a in self.attempts if a["provider"] == vendor]


def ask(gateway: httpx.Client, *, stream: bool, timeout_ms: int, **body: Any) -> Outcome:
    """Ask, and read to the end."""
    asked = {"timeout_ms": timeout_ms, "stream": stream} | body
    began = time.monotonic()
    with gateway.stream("POST", "/api/v1/generate", json=asked) as reply:
        if reply.headers["content-type"].startswith("text/event-stream"):
            told = list(events(reply))
            outcome = _of_stream(told)
        else:
            reply.read()
            outcome = Outcome(reply.status_code, reply.json(), 0.0)
    outcome.took_s = time.monotonic() - began
    return outcome


def _of_stream(told: list[Event]) -> Outcome:
    last = told[-1]
    assert [e.id for e in told] == list(range(1, len(told) + 1)), "events are numbered"
    assert told[0].name == "accepted"
    assert sum(e.name in {"result", "error"} for e in told) == 1, "a stream has one end"
    assert last.name in {"result", "error"}, "a stream ends in words"
    status = 200 if last.name == "result" else last.data["status"]
    return Outcome(status, last.data, 0.0, told)


def check(
    outcome: Outcome,
    vendors: RunningSimulator,
    whole: set[str],
    *,
    timeout_ms: int,
    retries: int = 1,
) -> None:
    """What holds of every request, whatever its vendors do.

    Args:
        outcome: What the caller got.
        vendors: The simulated vendors, reset before the request.
        whole: Every text that a vendor or a merger writes to the end.
        timeout_ms: The request's deadline.
        retries: Calls a provider may make for one attempt.
    """
    assert outcome.took_s < timeout_ms / 1000 + MARGIN_S, "it hung past its deadline"
    assert outcome.status in {200, 502, 503, 504}, outcome.body
    if outcome.answered:
        check_whole(outcome, whole)
    else:
        assert outcome.body["code"] in {
            "answer_interrupted",
            "all_providers_failed",
            "deadline_exceeded",
        }
        assert outcome.body["providers"], "each vendor's error is named"
    check_bill(outcome, vendors, retries=retries)
    nothing_left_open(vendors)


def check_whole(outcome: Outcome, whole: set[str]) -> None:
    """No cut text is shown as a whole one."""
    assert outcome.body["content"] in whole
    for call in outcome.attempts:
        assert (call["content"] is None) == (call["error"] is not None)
        assert call["content"] is None or call["content"] in whole
    if outcome.events:
        assert outcome.deltas == outcome.body["content"]


def check_bill(outcome: Outcome, vendors: RunningSimulator, *, retries: int = 1) -> None:
    """What is reported is what was billed, and nobody bills twice for one attempt."""
    for vendor, counts in vendors.stats().items():
        calls = outcome.of(vendor)
        assert counts["seen"] <= len(calls) * retries, (
            f"{vendor} was asked behind the caller's back"
        )
        assert counts["billed"] <= len(calls), f"{vendor} was billed twice for one attempt"
        if not outcome.answered:
            continue
        told = sum(c["usage"]["input_tokens"] for c in calls)
        written = sum(c["usage"]["output_tokens"] for c in calls)
        assert told <= counts["billed_input_tokens"]
        assert written <= counts["billed_output_tokens"]
        if not any(c["error"] and c["error"]["code"] in UNTOLD for c in calls):
            assert told == counts["billed_input_tokens"], f"what {vendor} billed is not told"
            assert written == counts["billed_output_tokens"]
        for call in calls:
            used = call["usage"]["input_tokens"] + call["usage"]["output_tokens"]
            assert bool(used) == bool(call["cost_usd"]), "what is told is priced, nothing else is"
    if outcome.answered:
        costs = sum(call["cost_usd"] or 0.0 for call in outcome.attempts)
        assert abs(outcome.body["cost_usd"] - costs) < 1e-9


def nothing_left_open(vendors: RunningSimulator, within_s: float = 5.0) -> None:
    """Every call has ended, down to the vendors' sockets."""
    until = time.monotonic() + within_s
    while any(counts["open"] for counts in vendors.stats().values()):
        assert time.monotonic() < until, f"calls are still open: {vendors.stats()}"
        time.sleep(0.005)  # another process closes them
