"""Whether two short Python expressions yield the same on sample values.

Nothing is run by the interpreter: a walker over the syntax tree knows a few operators, functions and
methods, each bounded in size, and gives up on everything else.
"""

from __future__ import annotations

import ast
import copy
import itertools
import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

MAX_NAMES: Final = 2
MAX_STEPS: Final = 400
MAX_LENGTH: Final = 400
MAX_NUMBER: Final = 10**12
_MAX_POWER: Final = 12

_SAMPLES: Final[dict[str, tuple[tuple[Any, ...], ...]]] = {
    "number": ((5, 2), (-4, 3), (0, 7), (12, 4)),
    "text": (("abca", "bd"), ("Level up", "a"), ("x Y", "z")),
    "numbers": (([3, 1, 2, 1], [4, 2]), ([7, 7, -2], [0, 5]), ([8], [6, 6, 1])),
    "texts": ((["b", "a", "cc"], ["d"]), (["Q", "q"], ["b", "e"])),
    "dict": (({"a": 1, "b": 2}, {"b": 3}), ({"k": 0}, {"m": 4, "n": 1})),
}
"""Values for the names of an expression, by kind: enough of each that chance agreement is rare."""

_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_SIGNS: Final[dict[type[ast.unaryop], Callable[[Any], Any]]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    f.__name__: f
    for f in (len, sum, max, min, sorted, reversed, list, tuple, set, dict, str, int, float, bool, abs, any, all, enumerate, zip, round)
}  # fmt: skip
_METHODS: Final[dict[type, frozenset[str]]] = {
    str: frozenset(["join", "upper", "lower", "strip", "lstrip", "rstrip", "split", "count", "index", "find", "startswith", "endswith", "title", "capitalize", "swapcase", "isdigit", "isalpha", "isupper", "islower"]),
    list: frozenset(["reverse", "sort", "append", "pop", "copy", "count", "index", "insert", "remove", "clear"]),
    tuple: frozenset(("count", "index")),
    dict: frozenset(["get", "keys", "values", "items", "copy", "pop"]),
    set: frozenset(["union", "intersection", "difference", "copy"]),
}  # fmt: skip
_FAILURES: Final = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)


class _UnknownError(Exception):
    """The expression has something this module does not walk, or grows beyond its bounds."""


def yield_same(a: str, b: str) -> bool | None:
    """Whether two expressions agree on sample values of every kind their names may have.

    Returns:
        True when they agree wherever one of them works; False when for every kind of values on which one
        works they differ; None when kinds disagree, nothing works, or an expression is too rich.
    """
    try:
        first, second = ast.parse(a, mode="eval").body, ast.parse(b, mode="eval").body
        names = sorted(_free_names(first) | _free_names(second))
        if len(names) > MAX_NAMES:
            return None
        verdicts = {
            verdict
            for kinds in itertools.product(_SAMPLES, repeat=len(names))
            if (verdict := _agree(first, second, names, kinds)) is not None
        }
    except (SyntaxError, ValueError, RecursionError, MemoryError, _UnknownError):
        return None
    return verdicts.pop() if len(verdicts) == 1 else None


def _agree(
    first: ast.expr, second: ast.expr, names: list[str], kinds: tuple[str, ...]
) -> bool | None:
    """Whether both yield the same on all samples of some kinds; None where neither ever works."""
    worked = False
    for row in range(min((len(_SAMPLES[kind]) for kind in kinds), default=1)):
        values = {
            name: _SAMPLES[kind][row][n]
            for n, (name, kind) in enumerate(zip(names, kinds, strict=True))
        }
        one, other = _outcome(first, values), _outcome(second, values)
        if one != other:
            if one and other and "iterator" in {one[0], other[0]}:
                raise _UnknownError  # reversed(xs) may be meant as xs[::-1]
            return False
        worked = worked or one is not None
    return True if worked else None


def _outcome(tree: ast.expr, values: dict[str, Any]) -> tuple[str, str] | None:
    """The type and form of what an expression yields, None when it fails on these values."""
    try:
        value = _Walker(copy.deepcopy(values)).value(tree)
        if isinstance(value, Iterator):
            return "iterator", repr(list(itertools.islice(value, MAX_LENGTH)))
        if isinstance(value, float) and value.is_integer():
            return "int", repr(int(value))
        if isinstance(value, set | dict):
            return type(value).__name__, repr(
                sorted(value.items() if isinstance(value, dict) else value)
            )
        return type(value).__name__, repr(value)
    except _FAILURES:
        return None


def _free_names(tree: ast.expr) -> set[str]:
    names = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    }
    bound = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    return names - bound - set(_FUNCTIONS)


class _Walker:
    """Walks one expression with values for its names, at most `MAX_STEPS` nodes."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names
        self._steps = 0

    def value(self, node: ast.expr) -> Any:  # noqa: C901, PLR0911, PLR0912 - one case a kind of node
        """What a node yields; raises what Python would, and _UnknownError for what is not walked."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise _UnknownError
        match node:
            case ast.Constant(value=bool() | int() | float() | str() | None as constant):
                return _bounded(constant)
            case ast.Name(id=name) if name in self._names:
                return self._names[name]
            case ast.BinOp(left, op, right) if type(op) in _ARITHMETIC:
                return _bounded(_calculated(op, self.value(left), self.value(right)))
            case ast.UnaryOp(op, operand) if type(op) in _SIGNS:
                return _SIGNS[type(op)](self.value(operand))
            case ast.BoolOp(op, operands):
                return self._either(isinstance(op, ast.Or), operands)
            case ast.Compare(left, ops, others):
                return self._compared(left, ops, others)
            case ast.IfExp(test, body, orelse):
                return self.value(body if self.value(test) else orelse)
            case ast.Subscript(whole, ast.Slice(lower, upper, step)):
                ends = (None if end is None else self.value(end) for end in (lower, upper, step))
                return self.value(whole)[slice(*ends)]
            case ast.Subscript(whole, index):
                return self.value(whole)[self.value(index)]
            case ast.List(parts):
                return [self.value(part) for part in parts]
            case ast.Tuple(parts):
                return tuple(self.value(part) for part in parts)
            case ast.ListComp(element, generators):
                return list(self._each(element, generators))
            case ast.SetComp(element, generators):
                return set(self._each(element, generators))
            case ast.GeneratorExp(element, generators):
                return iter(list(self._each(element, generators)))
            case ast.Call(ast.Name(id=name), args, keywords=[]) if name in _FUNCTIONS:
                return _bounded(_FUNCTIONS[name](*(self.value(arg) for arg in args)))
            case ast.Call(ast.Attribute(owner, method), args, keywords=[]):
                return self._called(self.value(owner), method, [self.value(arg) for arg in args])
            case _:
                raise _UnknownError

    def _either(self, stops_at: bool, operands: list[ast.expr]) -> Any:
        value = None
        for operand in operands:
            value = self.value(operand)
            if bool(value) is stops_at:
                break
        return value

    def _compared(self, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> bool:
        value = self.value(left)
        for op, other in zip(ops, others, strict=True):
            right = self.value(other)
            if not _COMPARISONS[type(op)](value, right):
                return False
            value = right
        return True

    def _each(self, element: ast.expr, generators: list[ast.comprehension]) -> Iterator[Any]:
        match generators:
            case [ast.comprehension(target=ast.Name(id=name), iter=source, ifs=tests, is_async=0)]:
                values: Iterable[Any] = self.value(source)
                for value in values:
                    self._names = {**self._names, name: value}
                    if all(self.value(test) for test in tests):
                        yield self.value(element)
            case _:
                raise _UnknownError

    def _called(self, owner: Any, method: str, arguments: list[Any]) -> Any:
        if method in _METHODS.get(type(owner), ()):
            return _bounded(getattr(owner, method)(*arguments))
        if hasattr(type(owner), method):
            raise _UnknownError
        raise AttributeError(method)


def _calculated(op: ast.operator, left: Any, right: Any) -> Any:
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    if isinstance(op, ast.Pow) and numbers and abs(right) > _MAX_POWER:
        raise _UnknownError
    if isinstance(op, ast.Mod) and isinstance(left, str) and "%" in left:
        raise _UnknownError  # formatting, whose widths know no bound
    if isinstance(op, ast.Mult) and not numbers:
        sizes = [
            v if isinstance(v, int) else len(v) for v in (left, right) if not isinstance(v, float)
        ]
        if len(sizes) == 2 and sizes[0] * sizes[1] > MAX_LENGTH:  # noqa: PLR2004 - a sequence and its factor
            raise _UnknownError
    return _ARITHMETIC[type(op)](left, right)


def _bounded(value: Any) -> Any:
    if isinstance(value, complex) or (
        isinstance(value, int | float) and not abs(value) <= MAX_NUMBER
    ):
        raise _UnknownError
    if isinstance(value, str | list | tuple | set | dict) and len(value) > MAX_LENGTH:
        raise _UnknownError
    return value
