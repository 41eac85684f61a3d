"""Assignment: to names, items, attributes, and to several of them at once."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from consensus.execution.calls import attribute
from consensus.execution.evaluation import evaluate, unpacked
from consensus.execution.operators import in_place
from consensus.execution.outcomes import UndecidedError
from consensus.execution.subscripts import delete_item, item, set_item
from consensus.execution.values import MISSING, ClassValue, Decorated, Instance

if TYPE_CHECKING:
    from consensus.execution.frames import Frame
    from consensus.execution.machine import Machine


def assign(machine: Machine, target: ast.expr, value: Any, frame: Frame) -> None:
    """``target = value``."""
    match target:
        case ast.Name(id=name):
            frame.store(name, value)
        case ast.Subscript(value=whole, slice=index):
            owner = evaluate(machine, whole, frame)
            set_item(machine, owner, evaluate(machine, index, frame), value)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            for part, each in unpacked(machine, targets, value):
                assign(machine, part, each, frame)
        case ast.Attribute(value=whole, attr=name):
            set_attribute(evaluate(machine, whole, frame), name, value)
        case _:
            raise UndecidedError("target of an assignment")


def set_attribute(owner: Any, name: str, value: Any) -> None:
    """``owner.name = value`` for objects and classes of the program."""
    if name.startswith("__"):
        raise UndecidedError("attribute")
    if isinstance(owner, Instance):
        if isinstance(owner.kind.find(name), Decorated):
            raise UndecidedError("attribute of a property")
        if owner.kind.find("__setattr__") is not MISSING:
            raise UndecidedError("attribute")
        owner.fields[name] = value
    elif isinstance(owner, ClassValue):
        owner.members[name] = value
    else:
        raise UndecidedError("attribute")


def augment(machine: Machine, node: ast.AugAssign, frame: Frame) -> None:
    """``target op= value``: the target is read, changed and set, its parts evaluated once."""
    match node.target:
        case ast.Name(id=name) as target:
            old = evaluate(machine, target, frame)
            value = evaluate(machine, node.value, frame)
            frame.store(target.id, in_place(machine, node.op, old, value))
        case ast.Subscript(value=whole, slice=place):
            owner = evaluate(machine, whole, frame)
            index = evaluate(machine, place, frame)
            old = item(machine, owner, index)
            value = evaluate(machine, node.value, frame)
            set_item(machine, owner, index, in_place(machine, node.op, old, value))
        case ast.Attribute(value=whole, attr=name):
            owner = evaluate(machine, whole, frame)
            old = attribute(machine, owner, name)
            value = evaluate(machine, node.value, frame)
            set_attribute(owner, name, in_place(machine, node.op, old, value))


def unbind(machine: Machine, target: ast.expr, frame: Frame) -> None:
    """``del target``."""
    match target:
        case ast.Name(id=name):
            frame.delete(name)
        case ast.Subscript(value=whole, slice=index):
            owner = evaluate(machine, whole, frame)
            delete_item(machine, owner, evaluate(machine, index, frame))
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            for part in targets:
                unbind(machine, part, frame)
        case _:
            raise UndecidedError("del of an attribute")
