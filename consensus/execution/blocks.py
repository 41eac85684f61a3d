"""Blocks of statements, and the statements that have blocks: conditions, loops, ``try``, classes.

A block is a generator that yields what the program yields, so that functions with ``yield`` stop and go
on where Python's do; in every other function it runs through at once.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.assignment import assign
from consensus.execution.definitions import define_class
from consensus.execution.evaluation import evaluate
from consensus.execution.handling import handles, seen_by_program
from consensus.execution.iteration import iterate
from consensus.execution.operators import truth
from consensus.execution.outcomes import StopIterationRaised, UndecidedError
from consensus.execution.statements import SIMPLE, Jump, Returned, Signal
from consensus.execution.values import MISSING, Function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consensus.execution.frames import Frame
    from consensus.execution.machine import Machine


Block = Generator[Any, None, Signal]


_Compound = Callable[["Machine", Any, "Frame"], Block]


_CATCHING: Final = 8
"""Steps that raising and catching an exception takes."""


def block(machine: Machine, nodes: list[ast.stmt], frame: Frame) -> Block:
    """Run statements in order until one jumps."""
    costs = machine.costs
    signal: Signal
    for node in nodes:
        machine.spend(costs[node])
        kind = type(node)
        simple = SIMPLE.get(kind)
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


def _class(machine: Machine, node: ast.ClassDef, frame: Frame) -> Block:
    made, inner = define_class(machine, node, frame)
    if (yield from block(machine, node.body, inner)) is not None:
        raise UndecidedError("jump in a class body")
    made.members.update(inner.names)
    for member in inner.names.values():
        function = getattr(member, "function", member)
        if isinstance(function, Function) and function.owner is None:
            function.owner = made
    frame.store(node.name, made)
    return None


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


_COMPOUND: Final[dict[type[ast.stmt], _Compound]] = {
    ast.Expr: _expression,
    ast.ClassDef: _class,
    ast.If: _if,
    ast.For: _for,
    ast.While: _while,
    ast.Try: _try,
}
