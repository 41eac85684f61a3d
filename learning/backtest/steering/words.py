"""What a backtest of steering is told, and what it finds. Plain values; accuracies are fractions of 1."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from learning.backtest.walk_forward import DELAY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from learning.backtest.checkpoints import Kept


@dataclass(frozen=True, slots=True)
class Options:
    """How the backtest walks.

    Attributes:
        train: Labelled requests that are learned from at most, the newest; 0 learns from all.
        test: Requests decided by what was known before the first of them; then it learns anew.
        step: Requests the window moves on by; ``test`` where 0. Larger leaves requests out.
        delay: Requests between an answer and its label.
        purge: Requests right before a test window that nothing is learned of, label or not.
        seed: Of everything that is drawn.
        entailment: The model's name as ``WALLBOUNCE_ENTAILMENT`` takes it.
        cache: A folder where ballots are kept between runs; None keeps none.
        policies: Names of the policies to walk, besides those that ``lift`` and ``cheaper`` need; None
            walks all, the ablations too.
        kept: Where finished parts of the run are kept (such as ballots by request and walks by policy),
            for a run that goes on where it was cut short; None keeps none.
        workers: Policies walked at the same time; 0 for as many as there are processors.
    """

    train: int = 0
    test: int = 50
    step: int = 0
    delay: int = DELAY
    purge: int = 0
    seed: int = 0
    entailment: str = "shipped"
    cache: Path | None = None
    policies: tuple[str, ...] | None = None
    kept: Kept | None = None
    workers: int = 0

    def alone(self) -> Options:
        """The windows alone, as another process is told of them."""
        return replace(self, kept=None, cache=None)

    def __post_init__(self) -> None:
        """Refuse what cannot be walked.

        Raises:
            ValueError: A window is empty, a label is known at once, or requests would be judged twice.
        """
        if self.test < 1 or self.delay < 1 or min(self.train, self.step, self.purge) < 0:
            raise ValueError("test and delay are at least 1; train, step and purge at least 0")
        if 0 < self.step < self.test:
            raise ValueError(f"a step of {self.step} judges requests twice: test is {self.test}")


class Progress(Protocol):
    """Hears how far a backtest is."""

    def __call__(self, stage: str, done: int, of: int) -> None:
        """``done`` of ``of`` steps of ``stage`` are done."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Accuracy of one policy less that of another on the same requests; 95 % paired bootstrap."""

    lift: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PolicyFigures:
    """How one policy did.

    Attributes:
        accuracy: Share answered right.
        calls: Vendor calls a request.
        cost_usd: List price a request, of the calls whose model has one.
        regret: Accuracy short of always giving out a right answer where any vendor has one.
        against_vote: Less the plain vote of all.
        rank_correlation: Spearman's, of the order it expects of the vendors and how they did, by set
            and test window; None for a policy that expects none, as the two below.
        first_choice_hits: How often the vendor it expects most of was right where any was.
        exact_order_hits: How often its order is the order of how they did, by set and test window.
        by_set: Accuracy by row of the evaluation.
    """

    accuracy: float
    calls: float
    cost_usd: float
    regret: float
    against_vote: Difference
    rank_correlation: float | None = None
    first_choice_hits: float | None = None
    exact_order_hits: float | None = None
    by_set: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Course:
    """How one policy did by request, in the order of the stream; each of the length judged.

    Attributes:
        right: How right in [0, 1]: a share where a tie could have fallen either way.
        calls: Vendors asked.
    """

    right: tuple[float, ...]
    calls: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SteeringReport:
    """What was found.

    Attributes:
        lift: ``accuracy``: of the engine less the plain vote of all; ``low``, ``high``; ``cost_ratio``:
            its calls' price by that of asking all; the same less the consensus that knows
            no like questions: ``over_consensus``, ``over_consensus_low``, ``over_consensus_high``.
        cheaper: ``calls_saved``: share of the calls that asking all makes; ``accuracy_change``
            against asking all with the engine, ``low``, ``high``; ``against_vote``: against the plain vote;
            ``cost_saved``: share of the price.
        ablations: By component: what the engine gains by it (with it, less without).
        policies: By name.
        halves: By ``even`` and ``odd`` positions of the stream: ``lift``, ``over_consensus``,
            ``accuracy_change``, ``calls_saved``.
        about: What it was run on, and how.
        courses: By policy, for plots and for judging parts of the stream; no part of the JSON.
    """

    lift: Mapping[str, float]
    cheaper: Mapping[str, float]
    ablations: Mapping[str, Difference]
    policies: Mapping[str, PolicyFigures]
    halves: Mapping[str, Mapping[str, float]]
    about: Mapping[str, Any]
    courses: Mapping[str, Course] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """As plain JSON."""
        told = asdict(replace(self, courses={}))
        del told["courses"]
        return told
