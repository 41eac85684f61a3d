"""Run a program of a subset of Python without Python running it: a walk over its syntax tree.

Neither ``eval`` nor ``exec`` nor ``compile`` takes part. Numbers, texts and containers are Python's own,
and behave exactly so; every operation on them is on a list of those allowed, and its size is checked
before it is done. Attributes with two leading underscores, and all objects of the host, are out of
reach. What is not in the subset, exceeds a bound, or may differ from run to run (the order of a set of
texts, an identity, an address) is `Undecided`: never an exception, never a guess.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, Final

from consensus.execution.blocks import run_block, run_body
from consensus.execution.calls import call
from consensus.execution.evaluation import evaluate
from consensus.execution.frames import Frame
from consensus.execution.machine import Machine
from consensus.execution.outcomes import Completed, Outcome, Raised, Undecided, UndecidedError
from consensus.execution.values import EXCEPTIONS, InstanceRaised, exception_name

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_SOURCE_CHARS: Final = 6_000
MAX_TOKENS: Final = 1_500
"""Words and signs of a source: parsing one takes about two microseconds."""

MAX_BRACKETS: Final = 20
"""How deep brackets nest; Python's parser uses the C stack for each."""

MAX_DEPTH: Final = 48
"""How deep nodes of the syntax tree nest: each takes a frame of the host's stack."""

_RUN_OF_SIGNS = re.compile(r"(?:[-+~]\s*){8}|(?:\bnot\s+){8}|(?:\blambda\b[^\n]{0,40}?:\s*){8}")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_COSTED: Final = (ast.stmt, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_KNOWN: Final[tuple[type[Exception], ...]] = (*EXCEPTIONS.values(), InstanceRaised)


def run_program(source: str, expression: str | None = None) -> Outcome:
    """Run a module, then evaluate an expression in it.

    Args:
        source: The program, up to `MAX_SOURCE_CHARS` characters.
        expression: What to evaluate after it; None to run the program for what it prints.

    Returns:
        What came of it; this never raises.
    """
    try:
        body = parsed(source).body
        asked = None if expression is None else parsed_expression(expression)
    except UndecidedError as error:
        return Undecided(str(error))
    return run_parsed(body, asked)


def run_parsed(body: list[ast.stmt], expression: ast.expr | None = None) -> Outcome:
    """`run_program` of a program that is parsed already, by `parsed`."""
    try:
        return _run(body, expression)
    except UndecidedError as error:
        return Undecided(str(error))
    except (RecursionError, MemoryError):
        return Undecided("too deep")
    except _KNOWN as error:
        return Raised(exception_name(error))
    except Exception as error:  # noqa: BLE001 - a run never raises; an exception no program has is ours
        return Undecided(f"unexpected {type(error).__name__}")


def _run(body: list[ast.stmt], expression: ast.expr | None) -> Completed:
    costs: dict[ast.AST, int] = {}
    for node in body:
        _measure(node, costs, 0)
    machine = Machine(costs, call, run_body)
    frame = Frame(None)
    if run_block(machine, body, frame) is not None:
        raise UndecidedError("jump outside a function")
    value: Any = None
    if expression is not None:
        machine.spend(_measure(expression, costs, 0))
        value = evaluate(machine, expression, frame)
    return Completed(value, "".join(machine.printed))


def parsed(source: str) -> ast.Module:
    """The syntax tree of a source that no parser can run out of stack or time on."""
    if len(source) > MAX_SOURCE_CHARS:
        raise UndecidedError("program too long")
    if len(_TOKEN.findall(source)) > MAX_TOKENS:
        raise UndecidedError("program too long")
    depth = deepest = 0
    for character in source:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth -= 1
    if deepest > MAX_BRACKETS or _RUN_OF_SIGNS.search(source):
        raise UndecidedError("program too deep")
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise UndecidedError("not a program") from None


def parsed_expression(source: str) -> ast.expr:
    """The syntax tree of a source that is one expression."""
    match parsed(source.strip()).body:
        case [ast.Expr(value=expression)]:
            return expression
        case _:
            raise UndecidedError("not an expression")


def _measure(node: ast.AST, costs: dict[ast.AST, int], depth: int) -> int:
    """Note the steps of each statement, comprehension and lambda; the size of the node is returned."""
    if depth > MAX_DEPTH:
        raise UndecidedError("program too deep")
    size = 1 if isinstance(node, ast.expr) else 0
    for child in _children(node):
        below = _measure(child, costs, depth + 1)
        if not isinstance(child, ast.stmt):
            size += below
    if isinstance(node, _COSTED):
        costs[node] = size + 2
    return size


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            for item in value:
                if isinstance(item, ast.AST):
                    yield item
        elif isinstance(value, ast.AST) and not isinstance(value, _LEAVES):
            yield value


_LEAVES: Final = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop)
