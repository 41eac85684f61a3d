"""Statements: one function a kind, each telling how its block goes on.

A block is a generator that yields what the program yields, so that functions with ``yield`` stop and go
on where Python's do; in every other function it runs through at once.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.assignment import assign, augment, unbind
from consensus.execution.calls import call
from consensus.execution.definitions import define_class, define_function
from consensus.execution.expressions import evaluate
from consensus.execution.handling import exception_of, handles, seen_by_program
from consensus.execution.iteration import iterate
from consensus.execution.modules import MODULES
from consensus.execution.operators import truth
from consensus.execution.outcomes import StopIterationRaised, UndecidedError
from consensus.execution.types import TYPES
from consensus.execution.values import MISSING, Function

if TYPE_CHECKING:
    from collections.abc import Iterator

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


_CATCHING: Final = 8
"""Steps that raising and catching an exception takes."""

Signal = Jump | Returned | None
Block = Generator[Any, None, Signal]
_Simple = Callable[["Machine", Any, "Frame"], Signal]
_Compound = Callable[["Machine", Any, "Frame"], Block]


def block(machine: Machine, nodes: list[ast.stmt], frame: Frame) -> Block:
    """Run statements in order until one jumps."""
    costs = machine.costs
    signal: Signal
    for node in nodes:
        machine.spend(costs[node])
        kind = type(node)
        simple = _SIMPLE.get(kind)
        if simple is not None:
            signal = simple(machine, node, frame)
        else:
            compound = _COMPOUND.get(kind)
            if compound is None:
                raise UndecidedError(f"{kind.__name__} is not supported")
            signal = yield from compound(machine, node, frame)
        if signal is not None:
            return signal
    return None


def run_block(machine: Machine, nodes: list[ast.stmt], frame: Frame) -> Signal:
    """Run statements among which none yields."""
    running = block(machine, nodes, frame)
    try:
        next(running)
    except StopIteration as end:
        signal: Signal = end.value
        return signal
    raise UndecidedError("yield outside a function")


def run_body(machine: Machine, function: Function, frame: Frame) -> Any:
    """What a call of a function returns, its parameters bound in a frame."""
    node = function.node
    if isinstance(node, ast.Lambda):
        machine.spend(machine.costs[node])
        return evaluate(machine, node.body, frame)
    if function.names.yields:
        if any(isinstance(inner, ast.Try) and inner.finalbody for inner in ast.walk(node)):
            raise UndecidedError("finally in a generator")
        return _generated(machine, node.body, frame)
    signal = run_block(machine, node.body, frame)
    if isinstance(signal, Jump):
        raise UndecidedError("jump outside a loop")
    return None if signal is None else signal.value


def _generated(machine: Machine, nodes: list[ast.stmt], frame: Frame) -> Iterator[Any]:
    running = block(machine, nodes, frame)
    while True:
        machine.enter()
        try:
            value = next(running, MISSING)
        except StopIterationRaised:
            raise UndecidedError("StopIteration in a generator") from None
        finally:
            machine.leave()
        if value is MISSING:
            return
        yield value


def _expression(machine: Machine, node: ast.Expr, frame: Frame) -> Block:
    value = node.value
    if isinstance(value, ast.Yield):
        yield None if value.value is None else evaluate(machine, value.value, frame)
    elif isinstance(value, ast.YieldFrom):
        for item in iterate(machine, evaluate(machine, value.value, frame)):
            machine.spend(1)
            yield item
    else:
        evaluate(machine, value, frame)
    return None


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


def _class(machine: Machine, node: ast.ClassDef, frame: Frame) -> None:
    made, inner = define_class(machine, node, frame)
    if run_block(machine, node.body, inner) is not None:
        raise UndecidedError("jump in a class body")
    made.members.update(inner.names)
    for member in inner.names.values():
        function = getattr(member, "function", member)
        if isinstance(function, Function) and function.owner is None:
            function.owner = made
    frame.store(node.name, made)


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


def _if(machine: Machine, node: ast.If, frame: Frame) -> Block:
    taken = node.body if truth(evaluate(machine, node.test, frame)) else node.orelse
    return (yield from block(machine, taken, frame)) if taken else None


def _for(machine: Machine, node: ast.For, frame: Frame) -> Block:
    target = node.target
    for value in iterate(machine, evaluate(machine, node.iter, frame)):
        machine.spend(1)
        assign(machine, target, value, frame)
        signal = yield from block(machine, node.body, frame)
        if signal is Jump.BREAK:
            return None
        if isinstance(signal, Returned):
            return signal
    return (yield from block(machine, node.orelse, frame))


def _while(machine: Machine, node: ast.While, frame: Frame) -> Block:
    cost = machine.costs[node]
    while truth(evaluate(machine, node.test, frame)):
        machine.spend(cost)
        signal = yield from block(machine, node.body, frame)
        if signal is Jump.BREAK:
            return None
        if isinstance(signal, Returned):
            return signal
    return (yield from block(machine, node.orelse, frame))


def _try(machine: Machine, node: ast.Try, frame: Frame) -> Block:
    """``try`` with its handlers; what is undecided passes all of them by, ``finally`` included."""
    pending: Exception | None = None
    signal: Signal = None
    try:
        signal = yield from _handled(machine, node, frame)
    except Exception as error:  # noqa: BLE001 - what no program may see is raised on by seen_by_program
        pending = seen_by_program(error)
    last = yield from block(machine, node.finalbody, frame)
    if last is not None:
        return last
    if pending is not None:
        raise pending
    return signal


def _handled(machine: Machine, node: ast.Try, frame: Frame) -> Block:
    try:
        signal = yield from block(machine, node.body, frame)
    except Exception as error:
        seen = seen_by_program(error)
        handler = next((h for h in node.handlers if handles(machine, h, seen, frame)), None)
        if handler is None:
            raise
        return (yield from _handler(machine, handler, seen, frame))
    if signal is not None:
        return signal
    return (yield from block(machine, node.orelse, frame))


def _handler(machine: Machine, handler: ast.ExceptHandler, error: Exception, frame: Frame) -> Block:
    if handler.name is not None:
        frame.store(handler.name, getattr(error, "instance", error))
    machine.spend(_CATCHING)
    machine.handling.append(error)
    try:
        return (yield from block(machine, handler.body, frame))
    finally:
        machine.handling.pop()
        if handler.name is not None:
            frame.names.pop(handler.name, None)


_ASSERTION: Final = TYPES["AssertionError"]
_SIMPLE: Final[dict[type[ast.stmt], _Simple]] = {
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
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
}
_COMPOUND: Final[dict[type[ast.stmt], _Compound]] = {
    ast.Expr: _expression,
    ast.If: _if,
    ast.For: _for,
    ast.While: _while,
    ast.Try: _try,
}
