"""What became of a request, judged by what its scene made due."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bench.questions import total

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.soak.scenes import Scene

SERVER_ERROR = 500
GUARDED = frozenset({"circuit_open", "concurrency_limited", "rate_limited"})
"""Codes with which the gateway spares a vendor that failed shortly before: the faults' due. The mock says
429 to nobody whose question does not ask for it, so for others it is a Retry-After that still runs."""


class Outcome(StrEnum):
    """The ways a request can end. All but the first three count as errors."""

    ANSWERED = "answered"
    FAILED_AS_DUE = "failed_as_due"  # every vendor asked was struck
    HUNG_UP = "hung_up"  # by the caller, as planned
    ERROR = "error"  # a 5xx although a vendor was there to answer, or one that names no vendor
    REFUSED = "refused"  # a 4xx of our own: every request of the soak is a proper one
    WRONG = "wrong"  # shown as an answer, but without the sum: cut, or made up
    UNENDED = "unended"  # a stream without a result or an error, or a connection that broke


GOOD = frozenset({Outcome.ANSWERED, Outcome.FAILED_AS_DUE, Outcome.HUNG_UP})


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client saw: the status, and the problem or the answer's text.

    ``path``: which way it went, as the gateway's header says. Of a stream that ends in an error the status is the error's. All None: nothing that ends.
    """

    status: int | None = None
    problem: Mapping[str, Any] | None = None
    text: str | None = None
    path: str | None = None


def outcome(scene: Scene, seen: Seen) -> Outcome:
    """Judge one request that its caller waited for."""
    if seen.text is not None:
        # Where the first number ends in 3 one vendor is off by one, and may be the only one left.
        right = {str(total(scene.number)), str(total(scene.number) + 1)}
        return Outcome.ANSWERED if any(sum_ in seen.text for sum_ in right) else Outcome.WRONG
    if seen.status is None:
        return Outcome.UNENDED
    if _is_due(scene, seen.problem or {}):
        return Outcome.FAILED_AS_DUE
    return Outcome.REFUSED if seen.status < SERVER_ERROR else Outcome.ERROR


def failures(problem: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Provider and code of every attempt that an error tells of, in the words of either face."""
    if "error" not in problem:
        return [(a["provider"], a["error"]["code"]) for a in problem.get("providers", ())]
    ours = problem["error"].get("wallbounce", {})
    if "provider" in ours:
        return [(ours["provider"], ours["code"])]
    return [(vote["provider"], vote["error"]["code"]) for vote in ours.get("votes", ())]


def spared(scene: Scene, problem: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Those of `failures` with which the gateway did not ask a vendor that would have answered."""
    return [
        (provider, code)
        for provider, code in failures(problem)
        if provider not in scene.struck and code in GUARDED
    ]


def _is_due(scene: Scene, problem: Mapping[str, Any]) -> bool:
    """Whether every vendor asked was struck, or spared because it had been."""
    attempts = failures(problem)
    return bool(attempts) and all(
        provider in scene.struck | scene.spared or code in GUARDED for provider, code in attempts
    )
