"""What makes a plan one that can be followed; each problem names its field."""

from __future__ import annotations

import math
import re
import reprlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.rollout.plan_parts import ArmPolicy, Stage
    from gateway.rollout.rules import Margins

RESERVED_ARMS = frozenset({"legacy", "shadow", "none", "single"})
"""Names that mean something else in records and metrics."""

MOST_STAGES = 50
MOST_ARMS = 8
"""Each arm is watched for harm at its part of alpha; with more, none would be found in time."""

LONGEST_STAGE = timedelta(days=90)
LARGEST_SAMPLE = 10_000_000
MOST_APPROVALS = 2
LARGEST_ALPHA = 0.2
"""Above it one harmless rollout of five would be rolled back: no control of errors any more."""

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60
_SHORT.maxlevel = 3

_PLAN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_ARM_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_PROVIDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/@-]*")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at ``path``, such as ``stages[2].minimum_time``."""

    path: str
    words: str

    def __str__(self) -> str:
        return f"{self.path}: {self.words}" if self.path else self.words


class InvalidPlanError(ValueError):
    """The plan makes no sense; ``problems`` says all that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def plan_problems(  # noqa: PLR0913 - the fields of a plan, by keyword
    *,
    name: str,
    stages: Sequence[Stage],
    arms: Sequence[ArmPolicy],
    margins: Margins,
    alpha: float,
    shadow: float,
) -> Iterator[Problem]:
    """All that is wrong with the fields of a plan; their types are right already."""
    if not _PLAN_NAME.fullmatch(name):
        yield _expected("name", "up to 64 letters, digits and . _ -", name)
    yield from _stages(stages)
    yield from _arms(arms)
    yield from _margins(margins)
    if not 0 < alpha <= LARGEST_ALPHA:
        yield _expected("alpha", f"a number above 0, at most {LARGEST_ALPHA:g}", alpha)
    if not 0 <= shadow <= 100:  # noqa: PLR2004 - percent
        yield _expected("shadow", "a percentage from 0 to 100", shadow)


def _stages(stages: Sequence[Stage]) -> Iterator[Problem]:
    if not 1 <= len(stages) <= MOST_STAGES:
        yield _expected("stages", f"1 to {MOST_STAGES} stages", len(stages))
    highest = 0.0
    for index, stage in enumerate(stages):
        at = f"stages[{index}]"
        if not 0 < stage.percentage <= 100:  # noqa: PLR2004 - percent
            yield _expected(f"{at}.percentage", "a number above 0, at most 100", stage.percentage)
        elif stage.percentage <= highest:
            yield _expected(
                f"{at}.percentage",
                f"more than the {highest:g} of the stage before",
                stage.percentage,
            )
        else:
            highest = stage.percentage
        if not timedelta(0) <= stage.minimum_time <= LONGEST_STAGE:
            days = LONGEST_STAGE.days
            yield _expected(f"{at}.minimum_time", f"0s to {days}d", str(stage.minimum_time))
        if not 1 <= stage.minimum_sample <= LARGEST_SAMPLE:
            wanted = f"a whole number from 1 to {LARGEST_SAMPLE}"
            yield _expected(f"{at}.minimum_sample", wanted, stage.minimum_sample)
        if not 0 <= stage.approvals <= MOST_APPROVALS:
            yield _expected(f"{at}.approvals", f"0 to {MOST_APPROVALS}", stage.approvals)
        elif index == 0 and stage.approvals:
            wanted = "0, as the first stage begins with the plan"
            yield _expected(f"{at}.approvals", wanted, stage.approvals)
        yield from _limits(at, stage)


def _limits(at: str, stage: Stage) -> Iterator[Problem]:
    limit, warning = stage.error_rate_rollback, stage.error_rate_warning
    if not 0 < limit <= 1:
        yield _expected(f"{at}.error_rate_rollback", "a fraction above 0, at most 1", limit)
    elif not 0 <= warning <= limit:
        wanted = f"a fraction from 0 to error_rate_rollback, which is {limit:g}"
        yield _expected(f"{at}.error_rate_warning", wanted, warning)


def _arms(arms: Sequence[ArmPolicy]) -> Iterator[Problem]:
    if not 1 <= len(arms) <= MOST_ARMS:
        yield _expected("arms", f"1 to {MOST_ARMS} arms", len(arms))
    seen: set[str] = set()
    for index, arm in enumerate(arms):
        at = f"arms[{index}]"
        if not _ARM_NAME.fullmatch(arm.name):
            wanted = "a small letter and up to 31 small letters, digits, _ and -"
            yield _expected(f"{at}.name", wanted, arm.name)
        elif arm.name in RESERVED_ARMS:
            others = ", ".join(sorted(RESERVED_ARMS))
            yield _expected(f"{at}.name", f"a name other than {others}", arm.name)
        elif arm.name in seen:
            yield _expected(f"{at}.name", "a name no arm before it has", arm.name)
        seen.add(arm.name)
        if not 0.001 <= arm.split <= 1000:  # noqa: PLR2004 - as CONSENSUS_WEIGHTS
            yield _expected(f"{at}.split", "a number from 0.001 to 1000", arm.split)
        yield from _policy(at, arm)


def _policy(at: str, arm: ArmPolicy) -> Iterator[Problem]:
    names = arm.providers
    if names is not None and (
        not 1 <= len(names) <= 8  # noqa: PLR2004 - API.md's max_providers
        or len(set(names)) != len(names)
        or not all(_PROVIDER.fullmatch(name) for name in names)
    ):
        yield _expected(f"{at}.providers", "1 to 8 different provider names", list(names))
    for name, weight in (arm.weights or {}).items():
        if not _PROVIDER.fullmatch(name):
            yield _expected(f"{at}.weights", "provider names", name)
        if not 0.001 <= weight <= 1000:  # noqa: PLR2004 - as CONSENSUS_WEIGHTS
            yield _expected(f"{at}.weights.{name}", "a number from 0.001 to 1000", weight)
    if arm.depth is not None and not 3 <= arm.depth <= 5:  # noqa: PLR2004 - API.md's depth
        yield _expected(f"{at}.depth", "3 to 5", arm.depth)


def _margins(margins: Margins) -> Iterator[Problem]:
    rates = {
        "error_rate": margins.error_rate,
        "quality": margins.quality,
        "confidence": margins.confidence,
    }
    for name, rate in rates.items():
        if not 0 <= rate <= 1:
            yield _expected(f"margins.{name}", "a fraction from 0 to 1", rate)
    for name, ratio in {"latency": margins.latency, "cost": margins.cost}.items():
        if not (math.isfinite(ratio) and 0.1 <= ratio <= 1000):  # noqa: PLR2004 - a ratio of any sense
            yield _expected(f"margins.{name}", "a ratio from 0.1 to 1000", ratio)


def _expected(path: str, wanted: str, found: object) -> Problem:
    return Problem(path, f"expected {wanted}, found {shown(found)}")


def shown(value: object) -> str:
    """A value in an error's line: short, however large or deep it is."""
    return _SHORT.repr(value)
