"""The state of one run: what it may still spend, what it has printed, and how its functions are run.

All work is paid for in steps. A step is about what one node of the syntax tree costs, a third to a half
of a microsecond; work that happens in one go (comparing lists, copying text) is paid by its size, so
that the steps bound the time, and with it the memory, of any program.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.outcomes import UndecidedError

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable

    from consensus.execution.frames import Frame, ScopeNames

MAX_STEPS: Final = 20_000
MAX_CALLS: Final = 60
"""Calls within calls: each takes some eleven frames of the host's stack of 1,000."""

MAX_ITEMS: Final = 4_000
"""Length of any container."""

MAX_TEXT: Final = 10_000
"""Length of any text, in characters, and of everything printed."""

MAX_BITS: Final = 1_024
"""Length of any integer: what a double reaches, and short enough that no operation takes a microsecond."""

MAX_NESTING: Final = 24
"""How deep containers lie in one another."""

_ITEMS_A_STEP: Final = 8
_CHARS_A_STEP: Final = 128
_HASH_BITS: Final = 60
"""Integers longer than this are reduced to a hash that a program can make collide."""


class Machine:
    """One run: its budget of steps, its printed text, its depth of calls."""

    __slots__ = (
        "caller",
        "calls",
        "costs",
        "handling",
        "printed",
        "printed_chars",
        "run_body",
        "scopes",
        "steps",
    )

    def __init__(
        self,
        costs: dict[ast.AST, int],
        caller: Callable[[Machine, Any, list[Any], dict[str, Any]], Any],
        run_body: Callable[[Machine, Any, Frame], Any],
    ) -> None:
        """Start with the whole budget.

        Args:
            costs: Steps of each statement, comprehension and lambda of the program.
            caller: Calls anything callable with arguments and keywords.
            run_body: Runs a function's body in a frame and returns what it returns.
        """
        self.costs = costs
        self.caller = caller
        self.run_body = run_body
        self.steps = MAX_STEPS
        self.calls = 0
        self.scopes: dict[ast.AST, ScopeNames] = {}
        self.handling: list[Exception] = []
        self.printed: list[str] = []
        self.printed_chars = 0

    def call(self, function: Any, arguments: list[Any]) -> Any:
        """What a callable of the program returns."""
        return self.caller(self, function, arguments, {})

    def enter(self) -> None:
        """Begin a call within the calls that are running."""
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise UndecidedError("recursion too deep")

    def leave(self) -> None:
        """End a call."""
        self.calls -= 1

    def spend(self, steps: int) -> None:
        """Pay for work before it is done; ends the run when the budget is used up."""
        self.steps -= steps
        if self.steps < 0:
            raise UndecidedError("too many steps")

    def spend_on(self, value: Any) -> None:
        """Pay for going once over a value's own items or characters."""
        kind = type(value)
        if kind is str or kind is bytes:
            if len(value) > _CHARS_A_STEP:
                self.spend(len(value) // _CHARS_A_STEP)
        elif kind in _SIZED and len(value) > _ITEMS_A_STEP:
            self.spend(len(value) // _ITEMS_A_STEP)

    def spend_deeply(self, *values: Any) -> None:
        """Pay for going over values and everything in them, as comparing or printing them does."""
        for value in values:
            if type(value) in _PLAIN:
                continue
            self.spend(_weight(value, self.steps * _ITEMS_A_STEP) // _ITEMS_A_STEP)

    def made(self, value: Any) -> Any:
        """A new value if it keeps within the bounds of its kind; pays for it."""
        kind = type(value)
        if kind is int:
            if value.bit_length() > MAX_BITS:
                raise UndecidedError("integer too long")
        elif kind is str or kind is bytes:
            if len(value) > MAX_TEXT:
                raise UndecidedError("text too long")
            if len(value) > _CHARS_A_STEP:
                self.spend(len(value) // _CHARS_A_STEP)
        elif kind in _SIZED:
            if len(value) > MAX_ITEMS:
                raise UndecidedError("container too long")
            self.spend(len(value) // _ITEMS_A_STEP)
        elif kind is complex:
            raise UndecidedError("complex number")
        return value

    def room(self, items: int) -> None:
        """Refuse to make a container of so many items before it is made."""
        if items > MAX_ITEMS:
            raise UndecidedError("container too long")

    def room_for_text(self, chars: int) -> None:
        """Refuse to make a text of so many characters before it is made."""
        if chars > MAX_TEXT:
            raise UndecidedError("text too long")

    def keys(self, values: Iterable[Any], size: int) -> None:
        """Pay for values becoming keys in a container of a size.

        Hashes of long integers, floats and tuples can be made to collide (-1 and -2 have one hash), which
        makes each insertion as slow as the container is long.
        """
        for value in values:
            kind = type(value)
            if kind is str or kind is bool or value is None:
                continue
            if kind is int and value.bit_length() <= _HASH_BITS:
                continue
            self.spend_deeply(value)
            if kind is not tuple or not all(_hashes_apart(item) for item in value):
                self.spend(1 + size // _ITEMS_A_STEP)

    def print(self, text: str) -> None:
        """Keep printed text."""
        self.printed_chars += len(text)
        self.room_for_text(self.printed_chars)
        self.printed.append(text)


_PLAIN: Final = frozenset({int, float, bool, type(None)})
_SIZED: Final = frozenset({list, tuple, dict, set, frozenset, deque, Counter, defaultdict})
_HOLDERS: Final[frozenset[type]] = frozenset((list, tuple, set, frozenset, deque, type({}.keys()), type({}.values()), type({}.items())))  # fmt: skip
_CHARS_A_ITEM: Final = 32


def _hashes_apart(item: Any) -> bool:
    return type(item) is str or (
        type(item) is int and item not in (-1, -2) and item.bit_length() <= _HASH_BITS
    )


def _weight(value: Any, limit: int) -> int:
    """How many items a value holds, those of its items included, however often they are shared."""
    weight = 1
    level = [value]
    for _ in range(MAX_NESTING):
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is str or kind is bytes:
                weight += len(item) // _CHARS_A_ITEM
            elif isinstance(item, dict):
                weight += 2 * len(item)
                if weight <= limit:
                    below += [k for k in item if type(k) not in _PLAIN]
                    below += [v for v in item.values() if type(v) not in _PLAIN]
            elif kind in _HOLDERS:
                weight += len(item)
                if weight <= limit:
                    below += [i for i in item if type(i) not in _PLAIN]
            if weight > limit:
                raise UndecidedError("too many steps")
        if not below:
            return weight
        weight += _ITEMS_A_STEP // 2 * len(below)
        level = below
    raise UndecidedError("containers too deep")
