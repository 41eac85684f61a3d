"""Comprehensions and generator expressions, each round paid for as it begins."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.evaluation import EVALUATORS, bind_names, evaluate
from consensus.execution.frames import ClassFrame, Frame
from consensus.execution.iteration import iterate
from consensus.execution.operators import truth
from consensus.execution.outcomes import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from consensus.execution.machine import Machine


def _rounds(
    machine: Machine, node: ast.expr, generators: list[ast.comprehension], frame: Frame
) -> Iterator[Frame]:
    """One frame with the targets bound, for each round of a comprehension."""
    if isinstance(frame, ClassFrame):
        raise UndecidedError("comprehension in a class body")
    first = iterate(machine, evaluate(machine, generators[0].iter, frame))
    return _each(machine, machine.costs[node], generators, first, frame)


def _each(
    machine: Machine,
    cost: int,
    generators: list[ast.comprehension],
    first: Iterator[Any],
    frame: Frame,
) -> Iterator[Frame]:
    inner = Frame(frame, _targets(generators))
    return _nested(machine, cost, generators, first, inner)


def _nested(
    machine: Machine,
    cost: int,
    generators: list[ast.comprehension],
    source: Iterator[Any],
    frame: Frame,
) -> Iterator[Frame]:
    generator, *rest = generators
    if generator.is_async:
        raise UndecidedError("async comprehension")
    target, tests = generator.target, generator.ifs
    simple = target.id if isinstance(target, ast.Name) else None
    for value in source:
        machine.spend(cost)
        if simple is not None:
            frame.names[simple] = value
        else:
            bind_names(machine, target, value, frame)
        for test in tests:
            if not truth(EVALUATORS[type(test)](machine, test, frame)):
                break
        else:
            if rest:
                inner = iterate(machine, evaluate(machine, rest[0].iter, frame))
                yield from _nested(machine, cost, rest, inner, frame)
            else:
                yield frame


def _targets(generators: list[ast.comprehension]) -> frozenset[str]:
    return frozenset(
        inner.id
        for generator in generators
        for inner in ast.walk(generator.target)
        if isinstance(inner, ast.Name)
    )


def _list_comprehension(machine: Machine, node: ast.ListComp, frame: Frame) -> list[Any]:
    element, made = node.elt, []
    read = EVALUATORS[type(element)]
    for inner in _rounds(machine, node, node.generators, frame):
        made.append(read(machine, element, inner))
        machine.room(len(made))
    return made


def _set_comprehension(machine: Machine, node: ast.SetComp, frame: Frame) -> set[Any]:
    made: set[Any] = set()
    for inner in _rounds(machine, node, node.generators, frame):
        value = evaluate(machine, node.elt, inner)
        machine.keys((value,), len(made))
        made.add(value)
        machine.room(len(made))
    return made


def _dict_comprehension(machine: Machine, node: ast.DictComp, frame: Frame) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for inner in _rounds(machine, node, node.generators, frame):
        key = evaluate(machine, node.key, inner)
        machine.keys((key,), len(made))
        made[key] = evaluate(machine, node.value, inner)
        machine.room(len(made))
    return made


def _generator(machine: Machine, node: ast.GeneratorExp, frame: Frame) -> Iterator[Any]:
    rounds = _rounds(machine, node, node.generators, frame)
    return (evaluate(machine, node.elt, inner) for inner in rounds)


COMPREHENSIONS: Final[dict[type[ast.AST], Callable[[Machine, Any, Frame], Any]]] = {
    ast.ListComp: _list_comprehension,
    ast.SetComp: _set_comprehension,
    ast.DictComp: _dict_comprehension,
    ast.GeneratorExp: _generator,
}
