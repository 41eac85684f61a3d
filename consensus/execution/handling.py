"""Exceptions of a program: which it may see, what ``raise`` raises, which handler takes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from consensus.execution.calls import call
from consensus.execution.evaluation import evaluate
from consensus.execution.outcomes import UndecidedError
from consensus.execution.values import (
    EXCEPTIONS,
    BuiltinType,
    ClassValue,
    Instance,
    InstanceRaised,
)

if TYPE_CHECKING:
    import ast

    from consensus.execution.frames import Frame
    from consensus.execution.machine import Machine

_SEEN = (*EXCEPTIONS.values(), InstanceRaised)


def seen_by_program(error: Exception) -> Exception:
    """An exception that a program may catch; any other goes on to end the run."""
    if isinstance(error, UndecidedError | RecursionError | MemoryError):
        raise error
    if type(error) not in _SEEN and not isinstance(error, UnicodeError):
        raise UndecidedError("an exception of another kind") from error
    return error


def exception_of(machine: Machine, value: Any) -> Exception:
    """What ``raise value`` raises."""
    if isinstance(value, BuiltinType | ClassValue):
        value = call(machine, value, [], {})
    if isinstance(value, Instance) and value.kind.builtin_base() is not None:
        return InstanceRaised(value)
    if isinstance(value, Exception):
        return value
    raise TypeError("exceptions must derive from BaseException")


def handles(machine: Machine, handler: ast.ExceptHandler, error: Exception, frame: Frame) -> bool:
    """Whether an ``except`` clause takes an exception."""
    if handler.type is None:
        return True
    named = evaluate(machine, handler.type, frame)
    kinds = named if isinstance(named, tuple) else (named,)
    return any(_is_of(error, kind) for kind in kinds)


def _is_of(error: Exception, kind: Any) -> bool:
    if isinstance(kind, ClassValue):
        return isinstance(error, InstanceRaised) and error.instance.kind.derives_from(kind)
    if not isinstance(kind, BuiltinType) or kind.name not in EXCEPTIONS:
        raise UndecidedError("handler of another kind")
    if isinstance(error, InstanceRaised):
        return error.instance.kind.derives_from(kind)
    return isinstance(error, kind.python)
