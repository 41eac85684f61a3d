"""The engine's settings as something to be searched: tried on the earlier part of a stream of requests.

A trial walks the earlier part alone. Judging walks the whole stream, so that the later part is met with
what the earlier one taught, and counts the later part alone, which no trial has seen. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final, Literal, get_args

from learning.backtest.search.space import OneOf, Real, Whole
from learning.backtest.steering.policies import Engine, Steered
from learning.backtest.steering.walking import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from learning.backtest.search.space import Dimension, Setting
    from learning.backtest.steering.cases import Case
    from learning.backtest.steering.walking import Walked
    from learning.backtest.steering.words import Options

Goal = Literal["lift", "cheaper"]
"""``lift``: accuracy, all asked. ``cheaper``: accuracy less the price of calls, some of them spared."""

GOALS: tuple[Goal, ...] = get_args(Goal)

PRICE_OF_A_CALL: Final = 0.0075
"""Accuracy that a vendor call is worth where calls are spared: a call saved for three quarters of a point."""

SHARED: Final[Mapping[str, Dimension]] = {
    "neighbours": Whole(10, 400, log=True),
    "spread": Real(0.25, 8.0, log=True),
    "ordinary": Real(0.5, 0.99),
}
"""What both goals turn on: how many neighbours speak for a question, and how loudly."""

SPACES: Final[Mapping[Goal, Mapping[str, Dimension]]] = {
    "lift": {
        **SHARED,
        "same_model": OneOf((True, False)),
        "kinds": OneOf((False, True)),
        "recent": OneOf((0.0, 200.0, 700.0, 2000.0)),
    },
    "cheaper": {
        **SHARED,
        "alone": OneOf((True, False)),
        "points_a_call": Real(0.001, 0.03, log=True),
    },
}
"""By goal, the fields of `Engine` that are searched."""


@dataclass(frozen=True, slots=True)
class Went:
    """How a part of the stream went: accuracy and vendor calls a request, and the goal's value of each."""

    requests: int
    accuracy: float
    calls: float
    values: tuple[float, ...]

    @property
    def score(self) -> float:
        """Mean value."""
        return sum(self.values) / len(self.values)


@dataclass(frozen=True, slots=True)
class Searched:
    """A stream cut in two. ``cut``: requests of the earlier part."""

    cases: Sequence[Case]
    cut: int
    goal: Goal
    options: Options
    price: float = PRICE_OF_A_CALL

    def __post_init__(self) -> None:
        """Refuse a part without requests.

        Raises:
            ValueError: There is nothing to search on, or to judge by.
        """
        if not 0 < self.cut < len(self.cases):
            raise ValueError(
                f"{len(self.cases)} requests cannot be cut at {self.cut}: both parts need some"
            )

    @property
    def space(self) -> Mapping[str, Dimension]:
        """What is searched."""
        return SPACES[self.goal]

    @property
    def in_force(self) -> dict[str, Setting]:
        """The settings that the engine has by itself."""
        made = self._engine({})
        return {name: getattr(made, name) for name in self.space}

    def earlier(self, settings: Mapping[str, Setting], advance: Callable[[int], None]) -> Went:
        """How the earlier part goes, walked alone."""
        return self._went(self._walked(self.cases[: self.cut], settings, advance))

    def later(self, settings: Mapping[str, Setting], advance: Callable[[int], None]) -> Went:
        """How the later part goes after the earlier one."""
        seen = {id(case) for case in self.cases[: self.cut]}
        walked = self._walked(self.cases, settings, advance)
        return self._went([step for step in walked if id(step.case) not in seen])

    def _walked(
        self,
        cases: Sequence[Case],
        settings: Mapping[str, Setting],
        advance: Callable[[int], None],
    ) -> list[Walked]:
        policy = Steered(self._engine(settings), self.options.seed)
        return walk(cases, policy, self.options, advance)

    def _engine(self, settings: Mapping[str, Setting]) -> Engine:
        known = {field.name for field in fields(Engine)}
        if not settings.keys() <= known:
            raise ValueError(f"no settings of the engine: {', '.join(settings.keys() - known)}")
        cheaper = self.goal == "cheaper"
        return replace(Engine(escalate=cheaper, alone=cheaper), **settings)  # type: ignore[arg-type]

    def _went(self, walked: Sequence[Walked]) -> Went:
        price = self.price if self.goal == "cheaper" else 0.0
        calls = [len(step.answered.asked) for step in walked]
        rights = [step.right for step in walked]
        return Went(
            requests=len(walked),
            accuracy=sum(rights) / len(rights),
            calls=sum(calls) / len(calls),
            values=tuple(r - price * n for r, n in zip(rights, calls, strict=True)),
        )
