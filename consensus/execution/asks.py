"""What a prompt asks of a program: a completed assertion, what a call yields, or what is printed."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, Final

from consensus.execution.interpreter import parsed, parsed_expression
from consensus.execution.outcomes import UndecidedError

if TYPE_CHECKING:
    from consensus.execution.programs import Program


class Wanted(Enum):
    """Which part of what a program does is the answer."""

    VALUE = "value"
    PRINTED = "printed"
    EITHER = "either"
    """Its output: what is printed, or the value where nothing is."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A program to run, the expression to evaluate in it (None: the module alone), and what is wanted."""

    body: list[ast.stmt]
    expression: ast.expr | None
    wanted: Wanted


MAX_EXPRESSION_CHARS: Final = 600
_MAX_ASKS: Final = 6
"""How many places of a form are looked at: more than one expression asked for is too many anyway."""

_BLANK_NAME: Final = "_blank_to_fill"
_BLANK = re.compile(
    r"==[ \t]{0,8}(?:\?{1,4}|_{2,}|\.\.\.|…|[\[<(]\s*(?:blank|answer|your answer|\?{1,4}|_{2,})\s*[\])>]|(?=#[ \t]{0,8}(?:\?|todo|fill|your|complete))|(?=[ \t]{0,8}$))(?![\w=])",
    re.IGNORECASE | re.MULTILINE,
)
_BLANK_FIRST = re.compile(r"\bassert\s+(?:\?{1,4}|_{2,}|\.\.\.)\s*==")
_ASSERTION = re.compile(r"`(assert\s[^`\n]{1,600})`|^[ \t>]*(assert\s[^\n]{1,600})$", re.MULTILINE)

_QUOTED = r"`(?P<q{n}>[^`\n]{{1,400}})`"
_CALLED = r"(?<![\w.])(?P<c{n}>[A-Za-z_]\w{{0,40}}(?:\.[A-Za-z_]\w{{0,40}}){{0,2}}\()"
_KIND = r"(?:(?:the |this |following |python |function |method )*(?:call|expression|statement|code|snippet|function|invocation|line)\s*:?\s+)?(?:calling |running |executing |evaluating |invoking )?"


def _expression(n: int) -> str:
    return f"(?:{_QUOTED.format(n=n)}|{_CALLED.format(n=n)})"


_BEFORE_VERB = re.compile(
    rf"\bwhat\s+(?:does|will|would|should|do|is)\s+{_KIND}{_expression(1)}", re.IGNORECASE
)
_VERB = re.compile(
    r"\s*(?:(?P<value>return(?:s|ed)?|evaluates? to|equals?|gives? back|be\b)|(?P<printed>prints?|display(?:s)?)|(?P<either>outputs?|produces?|results? in|gives?|yields?))",
    re.IGNORECASE,
)
_AFTER_NOUN = re.compile(
    rf"\b(?:(?P<value>value|return(?:ed)? value)|(?P<printed>printed output)|(?P<either>output|result))\s+(?:of|from|for|when|returned by|printed by|returned from)\s+{_KIND}{_expression(1)}"
    rf"|\b(?:(?P<value2>return(?:s|ed)?)|(?P<printed2>prints?|printed)|(?P<either2>outputs?))\s+(?:by|for|when|if)\s+(?:it is |it's |we |you |i |one )?(?:called|invoked|run|call|invoke|execute|executed|calling)?\s*(?:as|like|with|via|by)?\s*{_expression(2)}",
    re.IGNORECASE,
)
_JAPANESE = re.compile(
    rf"{_expression(1)}[^\n。?？`]{{0,24}}?(?:(?P<value>戻り値|返り値|返す|返し|返る|返され|評価|の値)|(?P<printed>表示|印字)|(?P<either>出力|実行結果|結果))",
)
_OF_MODULE = re.compile(
    r"\bwhat(?:'s|\s+is|\s+will\s+be|\s+would\s+be|\s+are)?\s+(?:the\s+)?(?:exact\s+|final\s+|printed\s+|console\s+|expected\s+|program'?s?\s+)?outputs?\b(?!\s+(?:format|type))"
    r"|\bwhat\s+(?:is|will\s+be|would\s+be|gets|will\s+get)\s+(?:printed|output|displayed)\b"
    r"|\bwhat\s+(?:does|will|would)\s+(?:the|this|that|it|following)\b[^.?\n`]{0,60}\b(?:print|output|display)\b"
    r"|\b(?:predict|determine|give|state|tell me|find|work out)\s+(?:the\s+)?(?:exact\s+)?(?:printed\s+)?output\b"
    r"|(?:コード|プログラム|スクリプト)[^。\n]{0,40}(?:出力|実行結果|実行した結果|表示)[^。\n]{0,16}(?:は|を|何|答|か)|何[がとを](?:出力|表示|印字|プリント)|(?:出力|実行結果)(?:は何|を(?:答|予測|述べ|求め|書|示)|は[?？]|はどう|はなに)",
    re.IGNORECASE,
)
_ALTERED = re.compile(
    r"\b(?:chang|modif|replac|remov|instead|fix|suppos|assum|swap|rewrit|delet|comment(?:ed)? out|insert(?:ed)? (?:a|the)|add(?:ed|ing)? (?:a|the) line|correct(?:ed)? (?:the|version)|refactor|translat|convert|optimi[sz])"
    r"|\bif (?:we|you|i|line|the (?:line|function|code))\b|\b(?:first|second|third|fourth|fifth|last|\d+(?:st|nd|rd|th))\s+(?:line|print|call|iteration|element|value|number|character|loop|time)"
    r"|\bline \d|\b(?:before|inside|during|each|every) (?:the |a |each )?(?:loop|iteration|call|return|step)|\bhow many times\b|\b(?:not|never|n't) (?:return|print|output)"
    r"|変更|修正|置き換|削除|代わり|直し|仮に|もし|書き換|行目|回目|何回|最適化|変換",
    re.IGNORECASE,
)


def asked(found: list[Program], told: str) -> Ask | None:
    """What a prompt asks of its programs; None where it asks nothing of them, or several things.

    Args:
        found: The programs of the prompt.
        told: Its prose, without them.
    """
    assertions = _assertions(found, told)
    if assertions:
        return assertions[0] if len(assertions) == 1 else None
    if len(found) > 1 or _ALTERED.search(told):
        return None
    calls = set(_calls(told))
    if len(calls) > 1 or not (calls or (found and _OF_MODULE.search(told))):
        return None
    try:
        body = parsed(found[0].source).body if found else []
        if not calls:
            return Ask(body, None, Wanted.PRINTED)
        written, wanted = calls.pop()
        expression = parsed_expression(written)
    except UndecidedError:
        return None
    # What `print(...)` returns is None, but whoever asks for it may mean what it prints.
    doubtful = wanted is Wanted.VALUE and _prints(expression)
    told_enough = not doubtful and _is_asked_of(body, expression)
    return Ask(body, expression, wanted) if told_enough else None


def _assertions(found: list[Program], told: str) -> list[Ask]:
    """The assertions that leave out what a call equals, each with the program before it."""
    asks = []
    alone: list[ast.expr] = []
    for program in found:
        if not _BLANK.search(program.source) and not _BLANK_FIRST.search(program.source):
            continue
        split = _split(program.source)
        if split is None:
            continue
        body, expressions = split
        if body:
            asks += [Ask(body, expression, Wanted.VALUE) for expression in expressions]
        else:
            alone += expressions
    for match in islice(_ASSERTION.finditer(told), _MAX_ASKS):
        split = _split(match[1] or match[2])
        alone += split[1] if split is not None else []
    if alone:
        others = [program.source for program in found if not _BLANK.search(program.source)]
        body = _body(others[0]) if len(others) == 1 else []
        asks += [Ask(body, expression, Wanted.VALUE) for expression in alone]
    return asks


def _body(source: str) -> list[ast.stmt]:
    try:
        return parsed(source).body
    except UndecidedError:
        return []


def _split(source: str) -> tuple[list[ast.stmt], list[ast.expr]] | None:
    """The program above its assertions with a blank, and what those ask for."""
    filled = _BLANK.sub(f"== {_BLANK_NAME} ", _BLANK_FIRST.sub(f"assert {_BLANK_NAME} ==", source))
    try:
        tree = parsed(filled)
    except UndecidedError:
        return None
    expressions: list[ast.expr] = []
    first = len(tree.body)
    for at, node in enumerate(tree.body):
        match node:
            case ast.Assert(
                test=ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Name(id=name)])
            ) if name == _BLANK_NAME:
                expressions.append(left)
            case ast.Assert(
                test=ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()], comparators=[right])
            ) if name == _BLANK_NAME:
                expressions.append(right)
            case _:
                continue
        first = min(first, at)
    return (tree.body[:first], expressions) if expressions else None


def _calls(told: str) -> list[tuple[str, Wanted]]:
    """The expressions whose value or output the prose asks for."""
    found = []
    for match in islice(_BEFORE_VERB.finditer(told), _MAX_ASKS):
        expression, end = _whole(told, match, 1)
        verb = _VERB.match(told, end)
        if expression and verb:
            found.append((expression, _wanted(verb)))
    for match in islice(_AFTER_NOUN.finditer(told), _MAX_ASKS):
        group = 1 if match["q1"] or match["c1"] else 2
        expression, _ = _whole(told, match, group)
        if expression:
            found.append((expression, _wanted(match)))
    if not told.isascii():
        for match in islice(_JAPANESE.finditer(told), _MAX_ASKS):
            expression, _ = _whole(told, match, 1)
            if expression:
                found.append((expression, _wanted(match)))
    return found


def _wanted(match: re.Match[str]) -> Wanted:
    groups = {name.rstrip("2") for name, text in match.groupdict().items() if text}
    if "value" in groups:
        return Wanted.VALUE
    return Wanted.PRINTED if "printed" in groups else Wanted.EITHER


def _whole(told: str, match: re.Match[str], group: int) -> tuple[str, int]:
    """An expression in full, a bare call up to its closing bracket; empty where it has none."""
    if match[f"q{group}"]:
        return match[f"q{group}"].strip(), match.end(f"q{group}") + 1
    start, at = match.start(f"c{group}"), match.end(f"c{group}")
    depth, quote = 1, ""
    while at < min(len(told), start + MAX_EXPRESSION_CHARS):
        character = told[at]
        if quote:
            at += character == "\\"
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return told[start : at + 1], at + 1
        at += 1
    return "", at


def _prints(expression: ast.expr) -> bool:
    match expression:
        case ast.Call(func=ast.Name(id="print")):
            return True
        case _:
            return False


def _is_asked_of(body: list[ast.stmt], expression: ast.expr) -> bool:
    """Whether an expression is one of this program: something in it is a name that the program has.

    A bare word is asked for only as a variable of the program; without a program, a constant is no
    question.
    """
    names = {
        name
        for statement in body
        for node in ast.walk(statement)
        if (name := getattr(node, "name", None) or getattr(node, "id", None)) is not None
    }
    if isinstance(expression, ast.Name):
        return expression.id in names
    if isinstance(expression, ast.Constant):
        return False
    return not body or any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(expression))
