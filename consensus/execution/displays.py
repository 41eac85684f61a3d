"""Displays of lists, tuples, sets and dictionaries, and f-strings."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.evaluation import elements, evaluate
from consensus.execution.formatting import converted, formatted
from consensus.execution.machine import MAX_TEXT
from consensus.execution.outcomes import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from consensus.execution.frames import Frame
    from consensus.execution.machine import Machine


def _list(machine: Machine, node: ast.List, frame: Frame) -> list[Any]:
    return elements(machine, node.elts, frame)


def _tuple(machine: Machine, node: ast.Tuple, frame: Frame) -> tuple[Any, ...]:
    return tuple(elements(machine, node.elts, frame))


def _set(machine: Machine, node: ast.Set, frame: Frame) -> set[Any]:
    values = elements(machine, node.elts, frame)
    machine.keys(values, len(values))
    return set(values)


def _dict(machine: Machine, node: ast.Dict, frame: Frame) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            more = evaluate(machine, value, frame)
            if type(more) is not dict:
                raise UndecidedError("unpacking of a value")
            machine.keys(more, len(made) + len(more))
            made.update(more)
            machine.room(len(made))
        else:
            found = evaluate(machine, key, frame)
            machine.keys((found,), len(made))
            made[found] = evaluate(machine, value, frame)
    return made


def _joined(machine: Machine, node: ast.JoinedStr, frame: Frame) -> str:
    parts = []
    length = 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            shown = str(part.value)
        elif isinstance(part, ast.FormattedValue):
            shown = _formatted(machine, part, frame)
        else:
            raise UndecidedError("part of an f-string")
        parts.append(shown)
        length += len(shown)
        if length > MAX_TEXT:
            raise UndecidedError("text too long")
    return "".join(parts)


def _formatted(machine: Machine, node: ast.FormattedValue, frame: Frame) -> str:
    value = evaluate(machine, node.value, frame)
    conversion = None if node.conversion < 0 else chr(node.conversion)
    spec = "" if node.format_spec is None else evaluate(machine, node.format_spec, frame)
    return formatted(machine, converted(machine, value, conversion), spec)


DISPLAYS: Final[dict[type[ast.AST], Callable[[Machine, Any, Frame], Any]]] = {
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.JoinedStr: _joined,
}
