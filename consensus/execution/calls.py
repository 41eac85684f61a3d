"""Calls: of functions of the program, of its classes, of what the interpreter provides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from consensus.execution.methods import METHODS, call_method, call_of_type, has_method
from consensus.execution.outcomes import UndecidedError
from consensus.execution.values import (
    MISSING,
    BoundFunction,
    BuiltinFunction,
    BuiltinMethod,
    BuiltinType,
    ClassValue,
    Decorated,
    Function,
    Instance,
    Module,
)

if TYPE_CHECKING:
    import ast

    from consensus.execution.frames import Frame
    from consensus.execution.machine import Machine
    from consensus.execution.values import Arguments, Keywords


def call(machine: Machine, function: Any, arguments: Arguments, keywords: Keywords) -> Any:  # noqa: C901, PLR0911 - one case a kind of callable
    """``function(*arguments, **keywords)``."""
    machine.spend(4)
    match function:
        case Function():
            return _call_function(machine, function, arguments, keywords)
        case BoundFunction(function=inner, owner=owner):
            return _call_function(machine, inner, [owner, *arguments], keywords)
        case BuiltinFunction(operation=operation):
            return operation(machine, arguments, keywords)
        case BuiltinMethod(owner=BuiltinType(python=python), name=name):
            return call_of_type(machine, python, name, arguments, keywords)
        case BuiltinMethod(owner=owner, name=name):
            return call_method(machine, owner, name, arguments, keywords)
        case BuiltinType(operation=operation) if operation is not None:
            return operation(machine, arguments, keywords)
        case BuiltinType():
            raise UndecidedError("call of a type")
        case ClassValue():
            return _instantiate(machine, function, arguments, keywords)
        case Instance():
            method = function.method("__call__")
            if method is None:
                raise TypeError("object is not callable")
            return call(machine, method, arguments, keywords)
        case _:
            raise TypeError("object is not callable")


def _call_function(
    machine: Machine, function: Function, arguments: Arguments, keywords: Keywords
) -> Any:
    frame = function.names.frame(function.outer)
    frame.function = function
    _bind(function, frame, arguments, keywords)
    machine.enter()
    try:
        return machine.run_body(machine, function, frame)
    finally:
        machine.leave()


def _bind(  # noqa: C901 - one case a kind of parameter
    function: Function, frame: Frame, arguments: Arguments, keywords: Keywords
) -> None:
    """Give parameters their values, as a call of Python does."""
    parameters = function.node.args
    names = frame.names
    positional = [*parameters.posonlyargs, *parameters.args]
    for parameter, value in zip(positional, arguments, strict=False):
        names[parameter.arg] = value
    if parameters.vararg is not None:
        names[parameters.vararg.arg] = tuple(arguments[len(positional) :])
    elif len(arguments) > len(positional):
        raise TypeError("too many positional arguments")
    if keywords:
        _bind_keywords(parameters, names, keywords)
    elif parameters.kwarg is not None:
        names[parameters.kwarg.arg] = {}
    missing = len(positional) - len(function.defaults)
    for at in range(min(len(arguments), len(positional)), len(positional)):
        name = positional[at].arg
        if name not in names:
            if at < missing:
                raise TypeError("missing a required argument")
            names[name] = function.defaults[at - missing]
    for parameter in parameters.kwonlyargs:
        if parameter.arg not in names:
            if parameter.arg not in function.keyword_defaults:
                raise TypeError("missing a keyword-only argument")
            names[parameter.arg] = function.keyword_defaults[parameter.arg]


def _bind_keywords(parameters: ast.arguments, names: dict[str, Any], keywords: Keywords) -> None:
    known = {parameter.arg for parameter in (*parameters.args, *parameters.kwonlyargs)}
    rest: Keywords = {}
    for name, value in keywords.items():
        if name in known:
            if name in names:
                raise TypeError("multiple values for an argument")
            names[name] = value
        elif parameters.kwarg is not None:
            rest[name] = value
        else:
            raise TypeError("unexpected keyword argument")
    if parameters.kwarg is not None:
        names[parameters.kwarg.arg] = rest


def _instantiate(
    machine: Machine, kind: ClassValue, arguments: Arguments, keywords: Keywords
) -> Any:
    def method(function: Any, given: Arguments) -> Any:
        return call(machine, function, given, {})

    made = Instance(kind, method)
    made.arguments = list(arguments)
    initial = made.method("__init__")
    if initial is not None:
        if call(machine, initial, arguments, keywords) is not None:
            raise TypeError("__init__() should return None")
    elif (arguments or keywords) and kind.builtin_base() is None:
        raise TypeError("takes no arguments")
    return made


def attribute(machine: Machine, owner: Any, name: str) -> Any:
    """``owner.name``; names with two underscores reach the host's objects and are undecided."""
    match owner:
        case Instance():
            return _of_instance(machine, owner, name)
        case ClassValue():
            found = owner.find(name)
            if name.startswith("__") or found is MISSING or isinstance(found, Decorated):
                return _of_class(owner, name, found)
            return found
        case Module(members=members):
            if name not in members:
                raise UndecidedError("name of a module")
            return members[name]
        case BuiltinType(python=python) if name in METHODS.get(python, ()):
            return BuiltinMethod(owner, name)
        case _:
            has_method(owner, name)
            return BuiltinMethod(owner, name)


def _of_instance(machine: Machine, owner: Instance, name: str) -> Any:
    if name in owner.fields:
        return owner.fields[name]
    found = owner.kind.find(name)
    match found:
        case Function():
            return BoundFunction(found, owner)
        case Decorated(kind="property", function=function):
            return call(machine, function, [owner], {})
        case Decorated(kind="classmethod", function=function):
            return BoundFunction(function, owner.kind)
        case Decorated(kind="staticmethod", function=function):
            return function
        case _ if found is MISSING or name.startswith("__"):
            if name.startswith("__") or owner.kind.builtin_base() is not None:
                raise UndecidedError("attribute")
            raise AttributeError(name)
        case _:
            return found


def _of_class(owner: ClassValue, name: str, found: Any) -> Any:
    match found:
        case Decorated(kind="classmethod", function=function):
            return BoundFunction(function, owner)
        case Decorated(kind="staticmethod", function=function):
            return function
        case Function() if name == "__init__":
            return found
        case _:
            raise UndecidedError("attribute of a class")
