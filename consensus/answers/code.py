"""Code and Python literals: literals compared by value, programs by their syntax tree."""

from __future__ import annotations

import ast
import re
from typing import Final

from consensus.answers.folding import key

MAX_LITERAL_CHARS: Final = 4_000
MAX_CODE_CHARS: Final = 12_000
"""Longer texts are compared as they stand: parsing costs more than a comparison may."""

_MAX_DEPTH: Final = 40
_FENCE = re.compile(r"```[ \t]*([A-Za-z0-9+#-]{0,20})[^\n]{0,20}\n(.*?)(?:```|\Z)", re.DOTALL)
_RUN_OF_SIGNS = re.compile(r"[-+~]{8}|(?:\bnot\s+){8}")
_SPACE = re.compile(r"\s+")
_COMMENT = re.compile(r"(?m)(?:^|[ \t])(?:#|//|--)[ \t].*$")
_NAME_OF_CODE = re.compile(r"python|py|^$", re.IGNORECASE)


def fenced(text: str) -> list[tuple[str, str]]:
    """The fenced blocks of a text in order: language (may be empty) and content."""
    return (
        [(m[1].lower(), m[2].strip("\n")) for m in _FENCE.finditer(text)] if "```" in text else []
    )


def literal(text: str) -> str | None:
    """A Python literal in canonical form, None when the text is none.

    Dictionaries and sets are ordered, so that equal values have equal forms; ``1`` and ``1.0`` are
    equal, ``True`` and ``1`` are not.
    """
    text = text.strip()
    if len(text) > MAX_LITERAL_CHARS or not _shallow(text):
        return None
    try:
        return _canonical(ast.literal_eval(text))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def text_literal(text: str) -> str:
    """The canonical form of a text that is meant as a string and came without quotes."""
    return repr(text)


def program(text: str) -> str:
    """Code in canonical form: Python without comments, docstrings and layout, if it parses."""
    if len(text) <= MAX_CODE_CHARS and _shallow(text):
        try:
            tree = ast.parse(text)
            _drop_docstrings(tree)
            return key(ast.dump(tree))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            pass
    return key(_SPACE.sub(" ", _COMMENT.sub("", text)).strip())


def parses(text: str) -> bool:
    """Whether a text is Python that does something: more than a bare word or phrase."""
    if len(text) > MAX_CODE_CHARS or not _shallow(text):
        return False
    try:
        tree = ast.parse(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return any(not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Name)) for s in tree.body)


def _shallow(text: str) -> bool:
    """Whether brackets and signs nest so little that no parser can run out of stack on them."""
    depth = deepest = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth -= 1
    return deepest <= _MAX_DEPTH and not _RUN_OF_SIGNS.search(text)


def _canonical(value: object) -> str:
    match value:
        case bool() | None:
            return repr(value)
        case float() if value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - integers are exact in a double up to 2**53
            return repr(int(value))
        case dict():
            items = sorted((_canonical(k), _canonical(v)) for k, v in value.items())
            return "{" + ", ".join(f"{k}: {v}" for k, v in items) + "}"
        case set() | frozenset():
            return "set(" + ", ".join(sorted(_canonical(v) for v in value)) + ")"
        case list():
            return "[" + ", ".join(_canonical(v) for v in value) + "]"
        case tuple():
            return "(" + ", ".join(_canonical(v) for v in value) + ",)"
        case _:
            return repr(value)


def _drop_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
