"""Statements without blocks: one function a kind, each telling how its block goes on."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.assignment import assign, augment, unbind
from consensus.execution.calls import call
from consensus.execution.definitions import define_function
from consensus.execution.evaluation import evaluate
from consensus.execution.handling import exception_of
from consensus.execution.modules import MODULES
from consensus.execution.operators import truth
from consensus.execution.outcomes import UndecidedError
from consensus.execution.types import TYPES

if TYPE_CHECKING:
    from consensus.execution.frames import Frame
    from consensus.execution.machine import Machine


class Jump(Enum):
    """How a statement leaves its block."""

    BREAK = "break"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True)
class Returned:
    """A function returned."""

    value: Any


Signal = Jump | Returned | None
_Simple = Callable[["Machine", Any, "Frame"], Signal]


def _assign(machine: Machine, node: ast.Assign, frame: Frame) -> None:
    value = evaluate(machine, node.value, frame)
    for target in node.targets:
        assign(machine, target, value, frame)


def _assign_annotated(machine: Machine, node: ast.AnnAssign, frame: Frame) -> None:
    if node.value is not None:
        assign(machine, node.target, evaluate(machine, node.value, frame), frame)


def _augment(machine: Machine, node: ast.AugAssign, frame: Frame) -> None:
    augment(machine, node, frame)


def _delete(machine: Machine, node: ast.Delete, frame: Frame) -> None:
    for target in node.targets:
        unbind(machine, target, frame)


def _return(machine: Machine, node: ast.Return, frame: Frame) -> Signal:
    return Returned(None if node.value is None else evaluate(machine, node.value, frame))


def _pass(_machine: Machine, _node: ast.stmt, _frame: Frame) -> None:
    """``pass``, ``global`` and ``nonlocal``: the frame knows their names already."""


def _break(_machine: Machine, _node: ast.Break, _frame: Frame) -> Signal:
    return Jump.BREAK


def _continue(_machine: Machine, _node: ast.Continue, _frame: Frame) -> Signal:
    return Jump.CONTINUE


def _assert(machine: Machine, node: ast.Assert, frame: Frame) -> None:
    if not truth(evaluate(machine, node.test, frame)):
        said = () if node.msg is None else (evaluate(machine, node.msg, frame),)
        raise exception_of(machine, call(machine, _ASSERTION, list(said), {}))


def _raise(machine: Machine, node: ast.Raise, frame: Frame) -> None:
    if node.exc is None:
        if not machine.handling:
            raise UndecidedError("nothing to raise again")
        raise machine.handling[-1]
    if node.cause is not None:
        evaluate(machine, node.cause, frame)
    raise exception_of(machine, evaluate(machine, node.exc, frame))


def _define(machine: Machine, node: ast.FunctionDef, frame: Frame) -> None:
    frame.store(node.name, define_function(machine, node, frame))


def _import(_machine: Machine, node: ast.Import, frame: Frame) -> None:
    for alias in node.names:
        if alias.name not in MODULES:
            raise UndecidedError("import of a module")
        frame.store(alias.asname or alias.name, MODULES[alias.name])


def _import_from(_machine: Machine, node: ast.ImportFrom, frame: Frame) -> None:
    if node.module == "__future__":
        return
    module = MODULES.get(node.module or "")
    if module is None or node.level:
        raise UndecidedError("import of a module")
    for alias in node.names:
        if alias.name not in module.members:
            raise UndecidedError("import of a name")
        frame.store(alias.asname or alias.name, module.members[alias.name])


_ASSERTION: Final = TYPES["AssertionError"]
SIMPLE: Final[dict[type[ast.stmt], _Simple]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _assign_annotated,
    ast.AugAssign: _augment,
    ast.Delete: _delete,
    ast.Return: _return,
    ast.Pass: _pass,
    ast.Global: _pass,
    ast.Nonlocal: _pass,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Assert: _assert,
    ast.Raise: _raise,
    ast.FunctionDef: _define,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
}
