"""Ballots and walks as plain JSON, so that finished parts of a backtest can be kept and found again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from consensus.ballot import Ballot
from learning.backtest.checkpoints import Checkpoints, NothingKept, digest
from learning.backtest.program import program
from learning.backtest.steering.cases import Given, Polled
from learning.backtest.steering.policies import Answered
from learning.backtest.steering.walking import Walked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from learning.backtest.checkpoints import Kept
    from learning.backtest.files import Recordings
    from learning.backtest.roles import Role
    from learning.backtest.steering.cases import Case, Panel
    from learning.backtest.steering.words import Options


@contextmanager
def ballots_kept(recordings: Recordings, roles: Sequence[Role], options: Options) -> Iterator[Kept]:
    """Where ballots are kept: between runs, in a folder of ``options.cache`` for these data, rows and code.

    Raises:
        CheckpointError: The folder cannot be used.
    """
    if options.cache is None:
        yield options.kept or NothingKept()
        return
    what = {
        "data": dict(sorted(recordings.digests.items())),
        "rows": {role.name: [role.dataset, *role.models] for role in roles},
        "entailment": options.entailment,
        "program": program(),
    }
    with Checkpoints.at(options.cache / digest(what)[:16], what) as kept:
        yield kept


def polled(
    kept: Kept, name: str, poll: Callable[[], Mapping[Panel, Polled]]
) -> dict[Panel, Polled]:
    """What came of asking each panel, as it is kept under ``name``, or polled and kept.

    Raises:
        ValueError: A ballot that is kept cannot be read.
    """
    return {
        frozenset(panel): _polled(*told) for panel, *told in kept.part(name, lambda: _told(poll()))
    }


def walked(
    kept: Kept, name: str, cases: Sequence[Case], walk: Callable[[], list[Any]]
) -> list[Walked]:
    """A policy's way over ``cases``, as it is kept under ``name``, or walked (as `told_walk`) and kept."""
    return [_walked(cases, *step) for step in kept.part(name, walk)]


def told_walk(cases: Sequence[Case], steps: Sequence[Walked]) -> list[Any]:
    """A policy's way over ``cases`` as plain JSON."""
    place = {id(case): n for n, case in enumerate(cases)}
    return [_step(step, place) for step in steps]


def _told(found: Mapping[Panel, Polled]) -> list[Any]:
    return [
        [sorted(panel), came.ballot.as_json(), list(came.ranking)] for panel, came in found.items()
    ]


def _polled(ballot: Mapping[str, Any], ranking: Sequence[str]) -> Polled:
    read = Ballot.from_json(ballot)
    if read is None:
        raise ValueError("a ballot that is kept cannot be read")
    return Polled(read, tuple(ranking))


def _step(step: Walked, place: Mapping[int, int]) -> list[Any]:
    answered, given = step.answered, step.answered.given
    return [
        place[id(step.case)],
        sorted(answered.asked),
        None if given is None else [given.group, given.provider, given.confidence],
        list(answered.order),
        answered.right,
        step.right,
        step.cost_usd,
        step.window,
    ]


def _walked(  # noqa: PLR0913, PLR0917 - what `_step` told, in its order
    cases: Sequence[Case],
    place: int,
    asked: Sequence[str],
    given: Sequence[Any] | None,
    order: Sequence[str],
    told: float | None,
    right: float,
    cost_usd: float,
    window: int,
) -> Walked:
    answered = Answered(
        frozenset(asked), None if given is None else Given(*given), tuple(order), told
    )
    return Walked(cases[place], answered, right, cost_usd, window)
