"""Walks policies side by side, in processes of their own where the stream is long enough to pay for them."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from learning.backtest.checkpoints import NothingKept
from learning.backtest.steering.keeping import told_walk, walked
from learning.backtest.steering.walking import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from learning.backtest.steering.cases import Case
    from learning.backtest.steering.policies import Policy
    from learning.backtest.steering.walking import Walked
    from learning.backtest.steering.words import Options, Progress

APART = 1000
"""Requests from which a process of its own pays: it starts in about two seconds."""

_stream: list[tuple[Sequence[Case], Options]] = []
"""In a process that walks: what it walks over, handed in once."""


def walked_apart(
    cases: Sequence[Case], policies: Mapping[str, Policy], options: Options, progress: Progress
) -> dict[str, list[Walked]]:
    """Every policy over the stream; what is kept is not walked again.

    Args:
        cases: The stream.
        policies: By name; each starts knowing nothing.
        options: The windows; ``workers`` walk at once.
        progress: Told of each policy as it goes on, or as it ends where it is walked elsewhere.
    """
    kept, of = options.kept or NothingKept(), len(cases)
    at_once = min(options.workers or os.cpu_count() or 1, len(policies))
    if at_once < 2 or of < APART:  # noqa: PLR2004 - side by side
        return {
            name: walked(kept, f"walk {name}", cases, partial(_here, cases, policy, options, count))
            for name, policy in policies.items()
            for count in [_counted(name, of, progress)]
        }
    bare = options.alone()
    with (
        ProcessPoolExecutor(
            at_once, get_context("spawn"), initializer=_begin, initargs=(cases, bare)
        ) as processes,
        ThreadPoolExecutor(at_once) as waiting,
    ):

        def one(name: str, policy: Policy) -> list[Walked]:
            done = walked(
                kept, f"walk {name}", cases, lambda: processes.submit(_walk, policy).result()
            )
            progress(name, of, of)
            return done

        futures = {name: waiting.submit(one, name, policy) for name, policy in policies.items()}
        try:
            return {name: future.result() for name, future in futures.items()}
        except BaseException:
            for future in futures.values():
                future.cancel()
            raise


def _here(
    cases: Sequence[Case], policy: Policy, options: Options, advance: Callable[[int], None]
) -> list[Any]:
    return told_walk(cases, walk(cases, policy, options, advance))


def _begin(cases: Sequence[Case], options: Options) -> None:
    _stream[:] = [(cases, options)]


def _walk(policy: Policy) -> list[Any]:
    ((cases, options),) = _stream
    return told_walk(cases, walk(cases, policy, options))


def _counted(name: str, of: int, progress: Progress) -> Callable[[int], None]:
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        progress(name, done, of)

    return advance
