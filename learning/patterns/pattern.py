"""One pattern: a question that was asked, how it was answered, and how that went.

A pattern stands for one request, or for several so alike that they are kept as one: its figures are
then sums over all of them. It holds no prompt and no answer. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from consensus.embedding.embedder import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """What was asked.

    Attributes:
        embedding: (d,) a unit row of the gateway's embedder; zeros for a text without a known word.
        words: The words it is found by, rarest first as far as known; may be empty.
        task: The request's ``task_type``.
        kind: What the question asks for (`consensus.answers.AnswerKind`), as text.
        language: Of the question, as `consensus.language` tells it.
    """

    embedding: FloatArray
    words: tuple[str, ...]
    task: str
    kind: str
    language: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """How it was answered: who was asked, in this order, in which mode, at which depth."""

    providers: tuple[str, ...]
    mode: str = "parallel"
    depth: int = 1
    weights: Mapping[str, float] = field(default_factory=dict)


@value(frozen=True, slots=True)
class VendorTally:
    """What is known of one provider's answers in a pattern, by request.

    ``right`` and ``wrong`` follow from labels: who gave the returned answer is right or wrong with it,
    who gave another is wrong where it was right, and untold where it was wrong. ``failed``: gave none.
    ``latency_ms`` and ``cost_usd`` are sums over the answers; ``asked`` counts them all.
    """

    asked: int = 0
    right: int = 0
    wrong: int = 0
    untold: int = 0
    failed: int = 0
    latency_ms: float = 0.0
    cost_usd: float = 0.0

    def __add__(self, other: VendorTally) -> VendorTally:
        """Both together."""
        return VendorTally(
            self.asked + other.asked,
            self.right + other.right,
            self.wrong + other.wrong,
            self.untold + other.untold,
            self.failed + other.failed,
            self.latency_ms + other.latency_ms,
            self.cost_usd + other.cost_usd,
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, what that did, what was done, and what would have prevented it. In words.

    ``trigger`` names the cause in few words, the same for the same cause; it is counted by.
    """

    trigger: str
    impact: str
    resolution: str
    prevention: str


@value(frozen=True, slots=True, eq=False)
class Pattern:
    """What is known of one question, or of several that are as good as the same.

    Attributes:
        id: Its number in the store; 0 before it has one.
        scenario: What was asked; of the first request.
        configuration: How that was answered; of the first request.
        vendors: By provider.
        count: Requests it stands for.
        right: Of the answers given out, those labelled right.
        wrong: Those labelled wrong.
        confidence: Sum over the requests that had one, in ``confident`` cases.
        confident: How many had one.
        cost_usd: Sum over all requests of what is known of their cost.
        latency_ms: Sum over all requests.
        first_at: When the first came in, UTC.
        last_at: When the last did.
        reused: How often it was among the neighbours that advice rested on.
        predictive: Of the labels of requests it advised on, how many spoke as it did, less those that
            did not.
        failure: What went wrong, of the last request that failed or was wrong; None for none.
        lesson: What there is to learn of it, a sentence; empty while nothing is known.
    """

    id: int
    scenario: Scenario
    configuration: Configuration
    vendors: Mapping[str, VendorTally]
    first_at: datetime
    last_at: datetime
    count: int = 1
    right: int = 0
    wrong: int = 0
    confidence: float = 0.0
    confident: int = 0
    cost_usd: float = 0.0
    latency_ms: float = 0.0
    reused: int = 0
    predictive: int = 0
    failure: Failure | None = None
    lesson: str = ""

    @property
    def labelled(self) -> int:
        """How many of its requests have a label."""
        return self.right + self.wrong

    @property
    def outcome(self) -> str:
        """``right``, ``wrong``, ``mixed``, ``failed`` or ``open``: the band it is looked up by."""
        if self.right and self.wrong:
            return "mixed"
        if self.labelled:
            return "right" if self.right else "wrong"
        return "failed" if self.failure is not None else "open"
