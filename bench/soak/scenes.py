"""What request number n of the soak is: whom it asks and how, what goes wrong, when its caller hangs up.

Decided by the number alone, so that a run can be repeated. The mock vendors read what to do in the
question itself, so a client knows of every request which failures were due.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bench.questions import question

if TYPE_CHECKING:
    from collections.abc import Mapping

VENDORS = ("gpt", "claude", "gemini")


class Fault(StrEnum):
    """What a vendor does instead of answering. The words stand in the question; none holds a digit."""

    ERROR = "error"  # 500
    LIMITED = "limited"  # 429
    WAIT = "wait"  # 429 with Retry-After: for a second nobody is to ask
    OVERLOADED = "overloaded"  # 529, 503 where the vendor is not Anthropic
    HANG = "hang"  # accepts, and never answers
    STALL = "stall"  # answers by half, and is silent from then on
    RESET = "reset"  # answers by half, then TCP RST
    CUT = "cut"  # answers by half, then an orderly close
    MALFORMED = "malformed"  # not JSON
    EMPTY = "empty"  # well-formed, without text
    SLOW = "slow"  # right, but late


_USUAL = tuple(fault for fault in Fault if fault is not Fault.WAIT)
SILENT = frozenset({Fault.HANG, Fault.STALL})
"""They end by the caller's deadline alone, so a request that meets them has a short one."""


class HangUp(StrEnum):
    """When a caller leaves without waiting for the answer."""

    EARLY = "early"  # before anything came
    MIDWAY = "midway"  # after the first piece


@dataclass(frozen=True, slots=True)
class Scene:
    """One request. ``path`` and ``body`` are what is sent, ``faults`` what the vendors do.

    ``spared``: vendors that asked to be left alone shortly before.
    """

    number: int
    path: str
    body: Mapping[str, Any]
    stream: bool
    faults: Mapping[str, Fault] = field(default_factory=dict)
    spared: frozenset[str] = frozenset()
    hang_up: HangUp | None = None

    @property
    def struck(self) -> frozenset[str]:
        """The vendors that fail, whatever is tried."""
        return frozenset(v for v, fault in self.faults.items() if fault is not Fault.SLOW)


GENERATE, CHAT = "/api/v1/generate", "/v1/chat/completions"

CYCLE = 1_000
OUTAGES = {"gpt": range(100, 160), "claude": range(400, 460), "gemini": range(700, 760)}
"""Of every `CYCLE` requests those in which a vendor answers nobody."""

WAITS = {"gpt": range(250, 254), "claude": range(550, 554), "gemini": range(850, 854)}
"""Those in which a vendor asks to be left alone. It asks for all requests, so it stands in none of the
others: with a share of all it would be asked for at every moment, and nobody would ask the vendor again."""

AFTERMATH = 150
"""Requests after them that may still wait for the vendor: two to three seconds' worth."""

CALLERS = 500
_CHAT_SHARE = 0.4
_SINGLE_SHARE = 0.6
_STREAM_SHARE = 0.4
_HANG_UP_SHARE = 0.08
_STRUCK = (0.70, 0.90, 0.97)
"""Cumulative shares of requests in which no, at most one, at most two vendors are struck."""

_DEADLINE_MS, _SHORT_DEADLINE_MS = 20_000, 3_000
_MARK = re.compile(r"(gpt|claude|gemini)!([a-z]+)")


def scene(number: int, *, chat: bool) -> Scene:
    """Request ``number``; ``chat`` says whether the OpenAI-compatible face is there to be asked."""
    drawn = random.Random(f"soak {number}")
    hang_up = drawn.choice(list(HangUp)) if drawn.random() < _HANG_UP_SHARE else None
    stream = hang_up is HangUp.MIDWAY or drawn.random() < _STREAM_SHARE
    through_chat = drawn.random() < _CHAT_SHARE and chat
    faults = _faults(drawn, number)
    if hang_up is not None:
        faults = dict.fromkeys(VENDORS, Fault.SLOW)  # in the middle of it, whenever that is
    spared = _spared(number)
    asked = f"{question(number)}{_marks(faults)}"
    if through_chat:
        body = _chat_body(drawn, asked, stream=stream, faults=faults)
        return Scene(number, CHAT, body, stream, faults, spared, hang_up)
    body = _generate_body(drawn, asked, number, stream=stream, faults=faults)
    return Scene(number, GENERATE, body, stream, faults, spared, hang_up)


def fault_in(raw: str, vendor: str) -> Fault | None:
    """What ``vendor`` is to do with a request whose body is ``raw``."""
    return next((Fault(word) for name, word in _MARK.findall(raw) if name == vendor), None)


def _marks(faults: Mapping[str, Fault]) -> str:
    return "".join(f" {vendor}!{fault}" for vendor, fault in faults.items())


def _faults(drawn: random.Random, number: int) -> dict[str, Fault]:
    share = drawn.random()
    count = sum(share >= limit for limit in _STRUCK)
    faults = {v: drawn.choice(_USUAL) for v in drawn.sample(VENDORS, count)}
    down = [v for v, numbers in OUTAGES.items() if number % CYCLE in numbers]
    waiting = [v for v, numbers in WAITS.items() if number % CYCLE in numbers]
    return faults | dict.fromkeys(down, Fault.ERROR) | dict.fromkeys(waiting, Fault.WAIT)


def _spared(number: int) -> frozenset[str]:
    return frozenset(
        v
        for v, numbers in WAITS.items()
        if numbers.start <= number % CYCLE < numbers.stop + AFTERMATH
    )


def _chat_body(
    drawn: random.Random, asked: str, *, stream: bool, faults: Mapping[str, Fault]
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": drawn.choice(VENDORS) if drawn.random() < _SINGLE_SHARE else "wallbounce",
        "messages": [{"role": "user", "content": asked}],
        "wallbounce": {"timeout_ms": _deadline_ms(faults)},
    }
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body


def _generate_body(
    drawn: random.Random, asked: str, number: int, *, stream: bool, faults: Mapping[str, Fault]
) -> dict[str, Any]:
    return {
        "prompt": asked,
        "task_type": drawn.choice(["basic", "premium", "critical"]),
        "mode": "sequential" if drawn.random() < 0.05 else "parallel",
        "aggregation": "synthesize" if drawn.random() < 0.05 else "select",
        "timeout_ms": _deadline_ms(faults),
        "user_id": f"user-{number % CALLERS}",
        "cache": "use" if drawn.random() < 0.2 else "off",
        "stream": stream,
    }


def _deadline_ms(faults: Mapping[str, Fault]) -> int:
    return _DEADLINE_MS if SILENT.isdisjoint(faults.values()) else _SHORT_DEADLINE_MS
