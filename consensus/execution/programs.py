"""The programs a prompt holds: fenced, tagged, or standing bare among its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PROMPT_CHARS: Final = 12_000
"""A longer prompt is not looked into: whose program it is that is asked about is then in doubt."""

_OPENING = re.compile(r"[ \t]{0,12}```[ \t]{0,4}([\w+#.-]{0,20})[^\n`]{0,40}$")
_CLOSING = re.compile(r"[ \t]{0,12}```[ \t]*$")
_TAG = re.compile(r"\[(python|code)\]|<(python|code)>", re.IGNORECASE)
_PYTHON_NAMES: Final = frozenset({"", "python", "py", "python3", "py3", "code", "text", "txt"})
_OTHER_LANGUAGE = re.compile(
    r"(?<![\w.])(?:javascript|java|typescript|node(?:\.js)?|c\+\+|c#|ruby|perl|php|golang|rust|kotlin|swift|scala|haskell|lua|julia|bash|shell|sql|matlab|"
    r"python ?2(?:\.\d+)?|pseudo-?code|numpy|pandas|c (?:program|code|language)|go (?:program|code))(?![\w])|擬似コード|c言語|r言語|go言語",
    re.IGNORECASE,
)
_SIGN_OF_PYTHON = re.compile(
    r"\bpython\b|^[ \t]*(?:def \w+\(.*\)(?:\s*->.{1,60})?|class \w+.*|for .{1,200} in .{1,200}|while .{1,200}|if .{1,200}|elif .{1,200}|else|try|except.{0,80}):"
    r"|^[ \t]*(?:from \w+ )?import \w|\blambda\b[^\n]{0,60}:|\bprint\(f[\"']|^[ \t]*assert\b",
    re.IGNORECASE | re.MULTILINE,
)
_FIRST_LINE = re.compile(
    r"(?:def \w+\(|class \w+|import \w+(?:[ \t]*$|[ \t]+as |,)|from \w+ import |@\w+|assert .{1,600}==|for .{1,200} in .{1,200}:|while .{1,400}:|if .{1,400}:|print\(.*\)|[a-z_]\w*(?:, ?[a-z_]\w*)*(?:\[[^\]\n]*\])? ?[-+*/|&]?= ?\S)"
)
_LATER_LINE = re.compile(
    r"(?:def |class |import |from |@|assert |for |while |if |elif |else:|try:|except|finally:|print\(|return\b|raise |with |del |pass$|[\])}]|#|[A-Za-z_][\w.]*(?:\[[^\]\n]*\])*(?:\(|\.\w+\(| ?[-+*/|&]?= ?|, ?[a-z_]\w*.*=))"
)


@dataclass(frozen=True, slots=True)
class Program:
    """Code in a prompt, and where it stands: the character it begins at and the one behind it."""

    source: str
    start: int
    end: int


def programs(prompt: str) -> list[Program] | None:
    """The Python programs of a prompt; None where one is, or may be, in another language."""
    found = []
    for name, program in _fenced(prompt):
        if name == "json":
            continue
        if name not in _PYTHON_NAMES:
            return None
        found.append(program)
    found += [p for p in _tagged(prompt) if not any(q.start <= p.start < q.end for q in found)]
    if not found:
        found = _bare(prompt)
    return [program for program in found if program.source.strip()]


def prose(prompt: str, found: list[Program]) -> str:
    """The prompt without its programs."""
    parts = []
    at = 0
    for program in sorted(found, key=lambda each: each.start):
        parts.append(prompt[at : program.start])
        at = max(at, program.end)
    parts.append(prompt[at:])
    return "\n".join(parts)


def in_python(prompt: str, told: str) -> bool:
    """Whether a prompt shows by a word or by its syntax that its code is Python, and names no other."""
    return not _OTHER_LANGUAGE.search(told) and _SIGN_OF_PYTHON.search(prompt) is not None


def _fenced(prompt: str) -> Iterator[tuple[str, Program]]:
    """The fenced blocks with the language they name."""
    at = 0
    opened: tuple[str, int, int] | None = None
    for line in prompt.splitlines(keepends=True):
        text = line.rstrip("\r\n")
        if opened is None:
            fence = _OPENING.match(text)
            if fence is not None:
                opened = fence[1].lower(), at, at + len(line)
        elif _CLOSING.match(text):
            name, start, inside = opened
            yield name, Program(_dedented(prompt[inside:at]), start, at + len(text))
            opened = None
        at += len(line)


def _tagged(prompt: str) -> Iterator[Program]:
    """The blocks between [PYTHON] and [/PYTHON]."""
    low = prompt.lower()
    at = 0
    while (tag := _TAG.search(prompt, at)) is not None:
        closing = f"[/{tag[1].lower()}]" if tag[1] else f"</{tag[2].lower()}>"
        end = low.find(closing, tag.end())
        if end < 0:
            return
        at = end + len(closing)
        yield Program(_dedented(prompt[tag.end() : end]), tag.start(), at)


def _dedented(source: str) -> str:
    lines = source.strip("\n").expandtabs(8).split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:] for line in source.strip("\n").split("\n")) if margin else source


def _bare(prompt: str) -> list[Program]:
    """The one run of lines that are code; blank and indented lines belong to what is above them."""
    runs: list[tuple[int, int]] = []
    begin = end = at = 0
    inside = False
    for line in prompt.splitlines(keepends=True):
        text = line.rstrip()
        if inside and (not text or text[0] in " \t" or _LATER_LINE.match(text)):
            end = at + len(text) if text else end
        else:
            if inside:
                runs.append((begin, end))
            inside = _FIRST_LINE.match(text) is not None
            begin, end = at, at + len(text)
        at += len(line)
    if inside:
        runs.append((begin, end))
    return [Program(prompt[begin:end], begin, end) for begin, end in runs]
