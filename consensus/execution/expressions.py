"""Expressions: one function a kind of node, each returning what the node yields.

Whoever runs a statement, a comprehension's round or a lambda has paid for all its nodes
(`Machine.costs`), so that no node pays for itself.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.calls import attribute, call
from consensus.execution.comparisons import compared
from consensus.execution.comprehensions import COMPREHENSIONS
from consensus.execution.displays import DISPLAYS
from consensus.execution.evaluation import EVALUATORS, elements, evaluate
from consensus.execution.frames import ClassFrame, Frame, ScopeNames
from consensus.execution.functions import FUNCTIONS
from consensus.execution.methods import call_method, has_method
from consensus.execution.modules import NESTED
from consensus.execution.operators import calculated, signed, truth
from consensus.execution.outcomes import UndecidedError
from consensus.execution.subscripts import item
from consensus.execution.types import TYPES
from consensus.execution.values import (
    METHOD_OWNERS,
    BuiltinFunction,
    Function,
    Super,
)

if TYPE_CHECKING:
    from consensus.execution.machine import Machine

_BUILTINS: Final[dict[str, Any]] = {**TYPES, **FUNCTIONS, "__name__": "__main__"}


def _constant(machine: Machine, node: ast.Constant, _frame: Frame) -> Any:
    value = node.value
    if type(value) is int or type(value) is str or type(value) is bytes:
        return machine.made(value)
    if type(value) is complex or value is Ellipsis:
        raise UndecidedError("constant")
    return value


def _name(_machine: Machine, node: ast.Name, frame: Frame) -> Any:
    name = node.id
    if name in frame.names:
        return frame.names[name]
    try:
        return frame.load(name)
    except UnboundLocalError:
        raise
    except LookupError:
        pass
    try:
        return _BUILTINS[name]
    except KeyError:
        if hasattr(builtins, name) or name.startswith("__"):
            raise UndecidedError("a built-in function") from None
        raise NameError(name) from None


def _binary(machine: Machine, node: ast.BinOp, frame: Frame) -> Any:
    left = EVALUATORS[type(node.left)](machine, node.left, frame)
    right = EVALUATORS[type(node.right)](machine, node.right, frame)
    return calculated(machine, node.op, left, right)


def _unary(machine: Machine, node: ast.UnaryOp, frame: Frame) -> Any:
    value = EVALUATORS[type(node.operand)](machine, node.operand, frame)
    if isinstance(node.op, ast.Not):
        return not truth(value)
    return signed(machine, node.op, value)


def _either(machine: Machine, node: ast.BoolOp, frame: Frame) -> Any:
    stops_at = isinstance(node.op, ast.Or)
    value = None
    for operand in node.values:
        value = EVALUATORS[type(operand)](machine, operand, frame)
        if truth(value) is stops_at:
            break
    return value


def _comparison(machine: Machine, node: ast.Compare, frame: Frame) -> Any:
    left = EVALUATORS[type(node.left)](machine, node.left, frame)
    result: Any = True
    for op, comparator in zip(node.ops, node.comparators, strict=True):
        right = EVALUATORS[type(comparator)](machine, comparator, frame)
        result = compared(machine, op, left, right)
        if not truth(result):
            return result
        left = right
    return result


def _conditional(machine: Machine, node: ast.IfExp, frame: Frame) -> Any:
    chosen = node.body if truth(evaluate(machine, node.test, frame)) else node.orelse
    return EVALUATORS[type(chosen)](machine, chosen, frame)


def _attribute(machine: Machine, node: ast.Attribute, frame: Frame) -> Any:
    return _member(machine, evaluate(machine, node.value, frame), node.attr)


def _subscript(machine: Machine, node: ast.Subscript, frame: Frame) -> Any:
    whole = EVALUATORS[type(node.value)](machine, node.value, frame)
    return item(machine, whole, EVALUATORS[type(node.slice)](machine, node.slice, frame))


def _slice(machine: Machine, node: ast.Slice, frame: Frame) -> slice:
    ends = (node.lower, node.upper, node.step)
    return slice(*(None if end is None else evaluate(machine, end, frame) for end in ends))


def _call(machine: Machine, node: ast.Call, frame: Frame) -> Any:
    function: Any
    target = node.func
    if isinstance(target, ast.Attribute):
        owner = EVALUATORS[type(target.value)](machine, target.value, frame)
        if type(owner) in METHOD_OWNERS:
            has_method(owner, target.attr)
            machine.spend(1)
            arguments, keywords = _arguments(machine, node, frame)
            return call_method(machine, owner, target.attr, arguments, keywords)
        function = _member(machine, owner, target.attr)
    elif isinstance(target, ast.Name) and target.id == "super":
        return _super(node, frame)
    else:
        function = EVALUATORS[type(target)](machine, target, frame)
    arguments, keywords = _arguments(machine, node, frame)
    return call(machine, function, arguments, keywords)


def _member(machine: Machine, owner: Any, name: str) -> Any:
    if isinstance(owner, Super):
        return owner.attribute(name)
    if isinstance(owner, BuiltinFunction):
        found = NESTED.get(("itertools", owner.name, name))
        if found is None:
            raise UndecidedError("attribute of a function")
        return found
    return attribute(machine, owner, name)


def _arguments(machine: Machine, node: ast.Call, frame: Frame) -> tuple[list[Any], dict[str, Any]]:
    arguments = elements(machine, node.args, frame)
    keywords: dict[str, Any] = {}
    for keyword in node.keywords:
        value = evaluate(machine, keyword.value, frame)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
            continue
        if type(value) is not dict:
            raise UndecidedError("unpacking of a value")
        if not all(type(key) is str for key in value) or value.keys() & keywords.keys():
            raise TypeError("keywords must be strings, each given once")
        keywords.update(value)
    return arguments, keywords


def _super(node: ast.Call, frame: Frame) -> Super:
    """``super()`` within a method: looks members up from the base of the class it was defined in."""
    if node.args or node.keywords:
        raise UndecidedError("super with arguments")
    match frame.function:
        case Function(node=ast.FunctionDef(args=ast.arguments(args=[first, *_])), owner=owner):
            if owner is not None:
                return Super(owner, frame.names[first.arg])
        case _:
            pass
    raise UndecidedError("super outside a method")


def _lambda(machine: Machine, node: ast.Lambda, frame: Frame) -> Function:
    return make_function(machine, node, frame)


def make_function(machine: Machine, node: ast.FunctionDef | ast.Lambda, frame: Frame) -> Function:
    """A function as its definition makes it: defaults evaluated, names of the frame around in reach."""
    arguments = node.args
    defaults = [evaluate(machine, default, frame) for default in arguments.defaults]
    of_keywords = {
        parameter.arg: evaluate(machine, default, frame)
        for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if default is not None
    }
    outer = frame.outer if isinstance(frame, ClassFrame) and frame.outer is not None else frame
    names = machine.scopes.get(node)
    if names is None:
        names = machine.scopes[node] = ScopeNames(node)
    return Function(node, names, outer, defaults, of_keywords)


def _named(machine: Machine, node: ast.NamedExpr, frame: Frame) -> Any:
    value = evaluate(machine, node.value, frame)
    frame.store(node.target.id, value)
    return value


EVALUATORS.update(
    {
        ast.Constant: _constant,
        ast.Name: _name,
        ast.BinOp: _binary,
        ast.UnaryOp: _unary,
        ast.BoolOp: _either,
        ast.Compare: _comparison,
        ast.IfExp: _conditional,
        ast.Attribute: _attribute,
        ast.Subscript: _subscript,
        ast.Slice: _slice,
        ast.Call: _call,
        ast.Lambda: _lambda,
        ast.NamedExpr: _named,
        **DISPLAYS,
        **COMPREHENSIONS,
    }
)
