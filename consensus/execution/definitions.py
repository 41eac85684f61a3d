"""Definitions of functions and classes, with their decorators."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.calls import call
from consensus.execution.evaluation import evaluate
from consensus.execution.expressions import make_function
from consensus.execution.frames import ClassFrame, Frame
from consensus.execution.outcomes import UndecidedError
from consensus.execution.values import BuiltinType, ClassValue, Decorated

if TYPE_CHECKING:
    from consensus.execution.machine import Machine

_KINDS: Final = frozenset({"staticmethod", "classmethod", "property"})


def define_function(machine: Machine, node: ast.FunctionDef, frame: Frame) -> Any:
    """What ``def`` binds: the function after its decorators."""
    decorators = node.decorator_list
    made = make_function(machine, node, frame)
    if isinstance(frame, ClassFrame) and decorators:
        match decorators:
            case [ast.Name(id=kind)] if kind in _KINDS:
                return Decorated(kind, made)
            case _:
                raise UndecidedError("decorator in a class")
    value: Any = made
    for decorator in reversed(decorators):
        value = call(machine, evaluate(machine, decorator, frame), [value], {})
    return value


def define_class(
    machine: Machine, node: ast.ClassDef, frame: Frame
) -> tuple[ClassValue, ClassFrame]:
    """A class without members, and the frame in which its body runs."""
    if node.keywords or node.decorator_list or len(node.bases) > 1:
        raise UndecidedError("class with keywords, decorators or several bases")
    if isinstance(frame, ClassFrame):
        raise UndecidedError("class in a class")
    base: Any = evaluate(machine, node.bases[0], frame) if node.bases else None
    if isinstance(base, BuiltinType):
        if base.python is object:
            base = None
        elif not issubclass(base.python, Exception):
            raise UndecidedError("class derived from a type")
    elif base is not None and not isinstance(base, ClassValue):
        raise UndecidedError("class derived from a value")
    return ClassValue(node.name, base), ClassFrame(frame)
