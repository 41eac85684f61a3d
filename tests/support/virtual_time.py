"""An event loop whose clock jumps to the next timer instead of waiting for it."""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class _Skipping(selectors.SelectSelector):
    """A selector that never waits: it moves the clock on by as long as it was told to wait."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everything waits and no timer is set: the test would hang forever")
        if not ready and timeout is not None and timeout > 0:
            self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """``loop.time()`` starts at 0 and moves only when everybody waits for a timer."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.now

    def block(self, seconds: float) -> None:
        """Let the clock move on while nothing else can run, as work in a callback does."""
        self._skipping.now += seconds


def run_in_virtual_time(work: Coroutine[Any, Any, _T]) -> _T:
    """Run to the end on a `VirtualTimeLoop`, and fail if a task is left behind."""

    async def watched() -> _T:
        result = await work
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"left running: {sorted(task.get_name() for task in left)}"
        return result

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(watched())


def in_virtual_time(test: Callable[_P, Coroutine[Any, Any, _T]]) -> Callable[_P, _T]:
    """Run an async test on a `VirtualTimeLoop`."""

    @functools.wraps(test)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        return run_in_virtual_time(test(*args, **kwargs))

    return run
