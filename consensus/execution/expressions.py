"""Expressions: one function a kind of node, each returning what the node yields.

Whoever runs a statement, a comprehension's round or a lambda has paid for all its nodes
(`Machine.costs`), so that no node pays for itself.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.calls import attribute, call
from consensus.execution.formatting import converted, formatted
from consensus.execution.frames import ClassFrame, Frame, ScopeNames
from consensus.execution.functions import FUNCTIONS
from consensus.execution.iteration import iterate, listed
from consensus.execution.machine import MAX_TEXT
from consensus.execution.methods import call_method
from consensus.execution.modules import NESTED
from consensus.execution.operators import calculated, compared, signed, truth
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

_Evaluator = Callable[["Machine", Any, Frame], Any]
_BUILTINS: Final[dict[str, Any]] = {**TYPES, **FUNCTIONS, "__name__": "__main__"}


def evaluate(machine: Machine, node: ast.expr, frame: Frame) -> Any:
    """What an expression yields in a frame."""
    return EVALUATORS[type(node)](machine, node, frame)


def _unsupported(_machine: Machine, node: ast.AST, _frame: Frame) -> Any:
    raise UndecidedError(f"{type(node).__name__} is not supported")


class _Evaluators(dict[type[ast.AST], _Evaluator]):
    def __missing__(self, kind: type[ast.AST]) -> _Evaluator:
        return _unsupported


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


def elements(machine: Machine, nodes: list[ast.expr], frame: Frame) -> list[Any]:
    """The values of a display or of arguments, starred ones spread out."""
    values: list[Any] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            values.extend(listed(machine, evaluate(machine, node.value, frame)))
            machine.room(len(values))
        else:
            values.append(EVALUATORS[type(node)](machine, node, frame))
    return values


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


def _call(machine: Machine, node: ast.Call, frame: Frame) -> Any:
    function: Any
    target = node.func
    if isinstance(target, ast.Attribute):
        owner = EVALUATORS[type(target.value)](machine, target.value, frame)
        if type(owner) in METHOD_OWNERS:
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
    owner = frame.function.owner if frame.function is not None else None
    if owner is None or frame.function is None:
        raise UndecidedError("super outside a method")
    parameters = frame.function.node.args.args
    if not parameters:
        raise UndecidedError("super outside a method")
    return Super(owner, frame.names[parameters[0].arg])


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


def bind_names(machine: Machine, target: ast.expr, value: Any, frame: Frame) -> None:
    """Bind a name, or names nested in tuples, to a value."""
    if isinstance(target, ast.Name):
        frame.store(target.id, value)
        return
    if not isinstance(target, ast.Tuple | ast.List):
        raise UndecidedError("target of a comprehension")
    for part, each in unpacked(machine, target.elts, value):
        bind_names(machine, part, each, frame)


def unpacked(machine: Machine, targets: list[ast.expr], value: Any) -> list[tuple[ast.expr, Any]]:
    """Each target of an unpacking with its value, the starred one with a list."""
    values = listed(machine, value)
    stars = [at for at, target in enumerate(targets) if isinstance(target, ast.Starred)]
    if not stars:
        if len(values) != len(targets):
            raise ValueError("wrong number of values to unpack")
        return list(zip(targets, values, strict=True))
    at = stars[0]
    behind = len(targets) - at - 1
    if len(values) < len(targets) - 1:
        raise ValueError("not enough values to unpack")
    middle = values[at : len(values) - behind]
    starred = targets[at]
    whole = starred.value if isinstance(starred, ast.Starred) else starred
    return [
        *zip(targets[:at], values[:at], strict=True),
        (whole, middle),
        *zip(targets[at + 1 :], values[len(values) - behind :], strict=True),
    ]


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


def _named(machine: Machine, node: ast.NamedExpr, frame: Frame) -> Any:
    value = evaluate(machine, node.value, frame)
    frame.store(node.target.id, value)
    return value


EVALUATORS: Final = _Evaluators({
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
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.Call: _call,
    ast.Lambda: _lambda,
    ast.JoinedStr: _joined,
    ast.ListComp: _list_comprehension,
    ast.SetComp: _set_comprehension,
    ast.DictComp: _dict_comprehension,
    ast.GeneratorExp: _generator,
    ast.NamedExpr: _named,
})  # fmt: skip
"""How each kind of node is evaluated; a kind without entry ends the run undecided."""
