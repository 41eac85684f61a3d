"""How an expression is evaluated: the table of node kinds, which `expressions` fills, and what all share."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.frames import Frame
from consensus.execution.iteration import listed
from consensus.execution.outcomes import UndecidedError

if TYPE_CHECKING:
    from consensus.execution.machine import Machine


_Evaluator = Callable[["Machine", Any, Frame], Any]


def _unsupported(_machine: Machine, node: ast.AST, _frame: Frame) -> Any:
    raise UndecidedError(f"{type(node).__name__} is not supported")


class _Evaluators(dict[type[ast.AST], _Evaluator]):
    def __missing__(self, kind: type[ast.AST]) -> _Evaluator:
        return _unsupported


EVALUATORS: Final = _Evaluators()
"""How each kind of node is evaluated; a kind without entry ends the run undecided."""


def evaluate(machine: Machine, node: ast.expr, frame: Frame) -> Any:
    """What an expression yields in a frame."""
    return EVALUATORS[type(node)](machine, node, frame)


def elements(machine: Machine, nodes: list[ast.expr], frame: Frame) -> list[Any]:
    """The values of a display or of arguments, starred ones spread out."""
    values: list[Any] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            values.extend(listed(machine, evaluate(machine, node.value, frame)))
            machine.room(len(values))
        else:
            values.append(EVALUATORS[type(node)](machine, node, frame))
    return values


def bind_names(machine: Machine, target: ast.expr, value: Any, frame: Frame) -> None:
    """Bind a name, or names nested in tuples, to a value."""
    if isinstance(target, ast.Name):
        frame.store(target.id, value)
        return
    if not isinstance(target, ast.Tuple | ast.List):
        raise UndecidedError("target of a comprehension")
    for part, each in unpacked(machine, target.elts, value):
        bind_names(machine, part, each, frame)


def unpacked(machine: Machine, targets: list[ast.expr], value: Any) -> list[tuple[ast.expr, Any]]:
    """Each target of an unpacking with its value, the starred one with a list."""
    values = listed(machine, value)
    stars = [at for at, target in enumerate(targets) if isinstance(target, ast.Starred)]
    if not stars:
        if len(values) != len(targets):
            raise ValueError("wrong number of values to unpack")
        return list(zip(targets, values, strict=True))
    at = stars[0]
    behind = len(targets) - at - 1
    if len(values) < len(targets) - 1:
        raise ValueError("not enough values to unpack")
    middle = values[at : len(values) - behind]
    starred = targets[at]
    whole = starred.value if isinstance(starred, ast.Starred) else starred
    return [
        *zip(targets[:at], values[:at], strict=True),
        (whole, middle),
        *zip(targets[at + 1 :], values[len(values) - behind :], strict=True),
    ]
