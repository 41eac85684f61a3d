"""Code and Python literals: literals compared by value, programs by their syntax tree."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import Final

from consensus.answers.folding import key, shown
from consensus.answers.kinds import AnswerKind, FinalAnswer

MAX_LITERAL_CHARS: Final = 2_500
MAX_CODE_CHARS: Final = 4_000
"""Longer texts are compared as they stand: parsing costs more than a comparison may."""

MAX_CODE_TOKENS: Final = 2_000
"""The same of texts of more words and signs; programs of `MAX_CODE_CHARS` have some 1,000."""

_REMEMBERED: Final = 32
"""Texts whose parse is remembered: reading one answer asks for the same several times."""

_MAX_DEPTH: Final = 40
_FENCE = re.compile(r"```[ \t]*([A-Za-z0-9+#-]{0,20})[^\n]{0,20}\n(.*?)(?:```|\Z)", re.DOTALL)
_RUN_OF_SIGNS = re.compile(r"[-+~]{8}|(?:\bnot\s+){8}")
_MAY_REMARK = re.compile(r"\b(?:def|class|lambda)\b|\A\s*[rRuUbBfF]{0,2}[\"']")
"""What a program has that has docstrings or annotations; looking through its tree for them costs."""

_SPACE = re.compile(r"\s+")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_COMMENT = re.compile(r"(?m)(?:^|[ \t])(?:#|//|--)[ \t].*$")
_EXACT_INTEGERS: Final = 2**53
"""Up to here a double holds every integer exactly."""


_INLINE_CODE = re.compile(r"(?<!`)`([^`\n]{1,400})`(?!`)")
_STATEMENT = re.compile(
    r"\A\s*(?:select\b.{0,400}?\bfrom\b|insert\s+into\b|update\s+\S{1,60}\s+set\b|delete\s+from\b|create\s+(?:or|table|view|index|unique|database)\b|with\s+\w{1,60}\s+as\s*\(|(?:const|let|var)\s+[\w{\[][^=\n]{0,80}=|(?:function|func|fn|public)\s[^\n]{0,200}[({]|\([\w\s,]{0,60}\)\s*=>|#include|#!)|;\s{0,3}\Z",
    re.IGNORECASE | re.DOTALL,
)
"""How text in a language other than Python shows that it is code."""

_YIELDS = re.compile(
    r"(?:\b(?:returns?|returned|returning|prints?|printed|outputs?|is|are|be|becomes?|gives?|yields?|evaluates? to|results? in|leaves|get)\b|==|=|->|→|:|は|結果として)\s*(?:(?:the|a|an|empty|string|list|value|integer|number|tuple|dictionary|set|output|result|boolean|just|simply|only)\s){0,4}",
    re.IGNORECASE,
)
_LITERAL = r"""\[.{0,400}\]|\{.{0,400}\}|\(.{0,400}\)|'[^'\n]{0,400}'|"[^"\n]{0,400}"|-?\d+(?:\.\d+)?|True|False|None"""
_LITERAL_FIRST = re.compile(rf"(?:{_LITERAL})(?=[\s.,。、;です]|$)")
_LITERAL_NAMED = re.compile(
    r"""(?<![\w\])])(?:`[^`\n]{1,300}`|\[[^\[\]\n]{0,300}\]|\{[^{}\n]{0,300}\}|'[^'\n]{0,300}'(?!\w)|"[^"\n]{0,300}"|(?:True|False|None)\b)"""
)
_DESCRIBES = re.compile(
    r"(?:simply |just |exactly |therefore |thus )?(?:the|an?|enclosed|represented|returned|that|what|whatever|this|its?)\s(?=\w)",
    re.IGNORECASE,
)
"""How a line begins that speaks of a value in words."""

_LITERAL_TOLD = re.compile(
    rf"`?({_LITERAL})`?[,.;:]?\s+(?:\(|which|because|since|as\b|so\b|this|that|is\b|when|not\b|after|for\b|with\b|where|while)"
)
"""A literal with a remark behind it."""

_LITERAL_BEFORE = re.compile(
    rf"(?<![\w\])])((?:{_LITERAL}))\s?(?:が|を|と)(?:出力|表示|返|印字|得ら|なり|評価)"
)
_CODE_SIGN = re.compile(
    r"[=(\[{;+*/<>'\"\d#-]|\b(?:select|lambda|not|in|is|and|or|import|del|pass|return|insert|delete|update|create)\b",
    re.IGNORECASE,
)
MAX_EXPRESSION_CHARS: Final = 200
"""Longer expressions are compared as programs are."""

MAX_LINES: Final = 12
"""How many of the last lines and words of a text are looked at for its code or value."""

MAX_LINE_CHARS: Final = 500
_SQL = re.compile(r"\A\s*(?:select|insert|update|delete|create|with|alter|drop)\b", re.IGNORECASE)
_SQL_TOKEN = re.compile(r"('[^']*'|\"[^\"]*\")|\s*([(),;=*<>+/-])\s*|(\s+)|([^\s'\"(),;=*<>+/-]+)")
_VALUE_CHARS: Final = 80
"""A value may stand without marker or fence; longer than this, it is prose."""


def code_answer(text: str, *, wants_value: bool, fence: bool = False) -> FinalAnswer | None:
    """A value or a program, None for prose.

    Args:
        text: The answer alone.
        wants_value: What code yields is asked for: text without quotes is then a string.
        fence: The text stood in a fence and is code whatever its language.
    """
    said = text.strip()
    if len(said) > 1 and said.startswith("`") and said.endswith("`"):
        said = text = said.strip("`")
    if said.startswith("assert ") and "==" in said:
        said = text = said.rsplit("==", 1)[1].strip()
    value = literal(said)
    if value is None and wants_value:
        value = text_literal(text)
    if value is not None:
        return FinalAnswer(AnswerKind.CODE, ("literal", key(value)), shown(said or value))
    if fence or parses(said) or "\n" in said or _STATEMENT.search(said[: _VALUE_CHARS * 8]):
        return FinalAnswer(AnswerKind.CODE, _form(said), shown(said))
    return None


def code_in_prose(text: str, *, wants_value: bool) -> FinalAnswer | None:
    """The longest fenced block; a text without any must be a value, or parse, as a whole."""
    longest = max((content for _, content in fenced(text)), key=len, default=None)
    if longest is not None:
        return code_answer(longest, wants_value=wants_value, fence=True)
    inline = [m[1] for m in _INLINE_CODE.finditer(text)][-MAX_LINES:] if "`" in text else []
    if wants_value and inline:
        return code_answer(inline[-1], wants_value=True)
    said = text.strip()
    if not said:
        return None
    whole = _is_whole(said)
    prose = len(said) > _VALUE_CHARS or _YIELDS.search(said) or _LITERAL_BEFORE.search(said)
    if whole or (wants_value and not prose):
        return code_answer(said, wants_value=wants_value)
    if wants_value:
        return _value_in_prose(said)
    alone = inline or said.splitlines()[-MAX_LINES:]
    found = {p: c for c in alone if _is_code(c) and (p := program(c.strip()))}
    return code_answer(found.popitem()[1].strip(), wants_value=False) if len(found) == 1 else None


def value_told(text: str) -> FinalAnswer | None:
    """The value a line tells behind a marker: a literal it is, begins with or names; else its words as text.

    A line that describes the value without telling it ("the reversed string") tells none.
    """
    said = text.strip()
    if said.startswith("**") and said.rstrip(". ").endswith("**"):
        said = said.rstrip(". ").strip("*")
    for written in (said, said.rstrip(".。 ")):
        bare = written.strip("`")
        if literal(bare) is not None:
            return code_answer(bare, wants_value=True)
    begins = _LITERAL_TOLD.match(said)
    if begins and literal(begins[1]) is not None:
        return code_answer(begins[1], wants_value=True)
    if not _DESCRIBES.match(said):
        return code_answer(text, wants_value=True)
    named = {
        found: match[0].strip("`")
        for match in _LITERAL_NAMED.finditer(said[:MAX_LINE_CHARS])
        if (found := literal(match[0].strip("`"))) is not None
    }
    return code_answer(named.popitem()[1], wants_value=True) if len(named) == 1 else None


def _form(said: str) -> tuple[str, str]:
    """``expression`` and its source for a short one, ``program`` and its canonical form else."""
    if len(said) <= MAX_EXPRESSION_CHARS and _shallow(said):
        try:
            return "expression", ast.unparse(ast.parse(said.strip(), mode="eval"))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            pass
    return "program", program(said)


def _is_code(text: str) -> bool:
    """Whether a short text alone is code, and not a bare word or literal mentioned in passing."""
    return _is_whole(text) and literal(text) is None


def _is_whole(text: str) -> bool:
    """Whether a text is nothing but code; prose without any sign of code is told at a glance."""
    if not _CODE_SIGN.search(text):
        return False
    return parses(text) or _STATEMENT.search(text[: _VALUE_CHARS * 8]) is not None


def _value_in_prose(text: str) -> FinalAnswer | None:
    """The value with which prose about code ends: "Therefore, it returns [1, 2]."."""
    for line in reversed(text.splitlines()[-2:]):
        told = line[-MAX_LINE_CHARS:]
        for match in reversed(list(_YIELDS.finditer(told))[-MAX_LINES:]):
            rest = told[match.end() :].strip(" .。`*")
            for said in (rest, _LITERAL_FIRST.match(rest)):
                written = said if isinstance(said, str) or said is None else said[0]
                if written and literal(written) is not None:
                    return code_answer(written, wants_value=True)
        before = list(_LITERAL_BEFORE.finditer(told))
        if before and literal(before[-1][1]) is not None:
            return code_answer(before[-1][1], wants_value=True)
    return None


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
    for written in (text, _on_one_line(text)):
        try:
            return _canonical(ast.literal_eval(written))
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue
    return _misquoted(text)


def _on_one_line(text: str) -> str:
    """A literal whose escapes a JSON reply has already resolved: line breaks and tabs inside its quotes."""
    return text.replace("\n", "\\n").replace("\t", "\\t")


def _misquoted(text: str) -> str | None:
    """A string in quotes that holds the same quotes unescaped, and nothing else: 'it's'."""
    quote = text[:1]
    if quote not in {"'", '"'} or len(text) < 3 or not text.endswith(quote):  # noqa: PLR2004 - two quotes and text
        return None
    inner = text[1:-1]
    parts = re.split(rf"{quote}\s*[,:+)\]}}=]|[,:+(\[{{=]\s*{quote}", inner)
    return repr(inner) if quote in inner and len(parts) == 1 else None


def text_literal(text: str) -> str:
    """The canonical form of a text that is meant as a string and came without quotes."""
    return repr(text)


@lru_cache(maxsize=_REMEMBERED)
def program(text: str) -> str:
    """Code in canonical form: Python without comments, docstrings, annotations and layout if it parses."""
    if _may_parse(text):
        try:
            tree = ast.parse(text)
            if _MAY_REMARK.search(text):
                _drop_remarks(tree)
            return key(ast.dump(tree))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            pass
    text = _SPACE.sub(" ", _COMMENT.sub("", text)).strip()
    if len(text) <= MAX_CODE_CHARS and _SQL.match(text):
        text = _sql(text)
    return key(text)


def _sql(text: str) -> str:
    """A query whose case and layout are canonical, its strings untouched."""
    return "".join(
        quoted or mark or (" " if space else word.lower())
        for quoted, mark, space, word in _SQL_TOKEN.findall(text.rstrip("; "))
    )


@lru_cache(maxsize=_REMEMBERED)
def parses(text: str) -> bool:
    """Whether a text is Python that does something: more than a bare word or phrase."""
    if not _may_parse(text):
        return False
    try:
        tree = ast.parse(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return any(not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Name)) for s in tree.body)


def _may_parse(text: str) -> bool:
    """Whether a text is neither too long nor too rich nor too deep to be parsed as a program."""
    return (
        len(text) <= MAX_CODE_CHARS
        and len(_TOKEN.findall(text)) <= MAX_CODE_TOKENS
        and _shallow(text)
    )


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
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_INTEGERS:
        return repr(int(value))
    if isinstance(value, dict):
        items = sorted((_canonical(k), _canonical(v)) for k, v in value.items())
        return "{" + ", ".join(f"{k}: {v}" for k, v in items) + "}"
    if isinstance(value, list | tuple | set):
        items_of = [_canonical(v) for v in value]
        inside = ", ".join(sorted(items_of) if isinstance(value, set) else items_of)
        return f"{type(value).__name__}({inside})"
    return repr(value)


def _drop_remarks(tree: ast.Module) -> None:
    """Take docstrings and annotations off: they tell the reader, not the machine."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
