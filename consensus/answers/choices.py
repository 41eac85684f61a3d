"""The options of a multiple-choice prompt: (A) A. A) ア 1. ① a　, on their own lines or inline."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from consensus.answers.folding import first_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consensus.answers.kinds import Choice

MAX_CHOICES: Final = 26
MAX_OPTION_CHARS: Final = 500
MAX_LABELS: Final = 1_000
"""How many of a prompt's last labels are looked at; it asks about its last list."""

_ALPHABETS: Final = {
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "lower": "abcdefghijklmnopqrstuvwxyz",
    "kana": "アイウエオカキクケコサシスセソ",
    "circled": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
}
_PLACE: Final = {
    label: (name, place)
    for name, labels in _ALPHABETS.items()
    for place, label in enumerate(labels)
} | {str(n): ("digit", n - 1) for n in range(1, MAX_CHOICES + 1)}

_LABEL = r"[A-Za-z]|[ア-ソ]|[1-9]\d?|[①-⑳]"
_LINE = re.compile(
    rf"^[ \t>]*(?:[-*•][ \t]+)?(?:\*\*)?(?:[(\[【](?P<a>{_LABEL})[)\]】][.:]?|(?P<b>{_LABEL})(?P<mark>[):、,・\]]|\.(?=[^a-z])|(?=[ \t]+[^\s=,;+*/^)}}]))|(?P<c>[①-⑳]))(?:\*\*)?[ \t]*(?=\S)",
    re.MULTILINE,
)
_INLINE = re.compile(
    rf"(?<![A-Za-z0-9)\]])[(\[](?P<a>{_LABEL})[)\]][.:]?\s?(?=[^\s=,;+*/^)}}])|(?:^|(?<=[\s,;:、。?!/|]))(?P<b>{_LABEL})(?P<mark>[):]|\.(?=\s|[^\x00-\x7f]))\s?(?=\S)|(?P<c>[①-⑳])(?=\S)"
)
_CUE = re.compile(
    r"\bwhich\b|\bchoose\b|\bselect\b|\bpick\b|\boptions?\b|\bchoices?\b|\bchoice\b|correct (?:answer|statement|letter)"
    r"|どれ|どちら|選べ|選び|選ん|選択|うち|正しいもの|適切なもの|誤っているもの|番号"
)
_OPEN_TASK = re.compile(
    r"^\W{0,5}(?:please\s)?(?:summari[sz]e|translate|explain|describe|write|rewrite|continue|compare|discuss|proofread|edit)\b"
    r"|要約して|要約を|翻訳して|訳して|書き換えて|まとめて"
)
_MAX_RUNS: Final = 16
"""How many lists of a prompt are considered; it asks about its last one."""

_CUE_CHARS: Final = 1_200
"""How far from the options the words are looked for that make a list a question."""

_FORMULA_CHARS: Final = 200
"""How far back on its line a bracket may have opened that a mark closes."""

_OPERATORS: Final = frozenset("(*+/^=<>-")

_TRAILING = re.compile(r"[\s,;、/|*]+$|\s+(?:or|and)$")


@dataclass(slots=True)
class _Run:
    """Labels that follow one another, A B C, with where each begins and its text starts."""

    alphabet: str
    own_lines: bool
    mark: str
    labels: list[str]
    spans: list[tuple[int, int]]


def choices(text: str, low: str) -> tuple[Choice, ...]:
    """The options a prompt offers, in order; empty when it offers none.

    Args:
        text: The folded prompt.
        low: The same in lower case.
    """
    if "\n" not in text and text.isascii() and sum(map(text.count, "):.]")) < 2:  # noqa: PLR2004
        return ()  # A list has two labels, each on a line of its own or with a mark.
    open_task = _OPEN_TASK.search(low) is not None
    runs = [
        run
        for own_lines, pattern in ((True, _LINE), (False, _INLINE))
        for run in _runs(text, pattern, own_lines=own_lines)
        if len(run.labels) > 1
    ]
    runs.sort(key=lambda run: (run.alphabet != "digit", run.own_lines, run.spans[0][0]))
    for run in reversed(runs[-_MAX_RUNS:]):
        near = low[max(0, run.spans[0][0] - _CUE_CHARS) : run.spans[-1][1] + _CUE_CHARS]
        asked = _CUE.search(near) is not None
        if (asked or not open_task) and _convincing(run, asked=asked):
            return _options(text, run)
    return ()


def _runs(text: str, pattern: re.Pattern[str], *, own_lines: bool) -> Iterator[_Run]:
    current: dict[tuple[str, str], _Run] = {}
    for match in list(pattern.finditer(text))[-MAX_LABELS:]:
        label = match["a"] or match["b"] or match["c"]
        alphabet, place = _PLACE.get(label, ("", 0))
        if not alphabet or _in_formula(text, match):
            continue
        mark = "()" if match["a"] else (match["mark"] or " ") if match["b"] else ""
        run = current.get((alphabet, mark))
        if place == 0:
            if run is not None:
                yield run
            run = current[alphabet, mark] = _Run(alphabet, own_lines, mark, [], [])
        if run is not None and place == len(run.labels):
            run.labels.append(label)
            run.spans.append((match.start(), match.end()))
    yield from current.values()


def _in_formula(text: str, match: re.Match[str]) -> bool:
    """Whether the mark only closes a bracket opened before, or is a call's or a factor's: f(a), (a - b)(a)."""
    if match["mark"] == ")":
        before = text[max(0, match.start() - _FORMULA_CHARS) : match.start()].rpartition("\n")[2]
        return before.count("(") > before.count(")")
    return bool(match["a"]) and text[match.end() - 1] == ")" and text[match.end() : match.end() + 1] in _OPERATORS  # fmt: skip


def _convincing(run: _Run, *, asked: bool) -> bool:
    count = len(run.labels)
    if run.alphabet == "digit" or (run.alphabet == "circled" and not run.own_lines):
        return asked and count > 1 and run.mark != " "
    if run.mark == " ":
        return count > 2 and run.own_lines  # noqa: PLR2004 - a lone "A b" is no list
    if run.mark == ":" and not asked:
        return False
    return count > 1


def _options(text: str, run: _Run) -> tuple[Choice, ...]:
    found = []
    for number, (label, (_, start)) in enumerate(zip(run.labels, run.spans, strict=True)):
        if number + 1 < len(run.spans):
            option = text[start : min(run.spans[number + 1][0], start + MAX_OPTION_CHARS)]
        else:
            option = text[start : start + MAX_OPTION_CHARS].split("\n", 1)[0]
            if not run.own_lines:
                option = first_sentence(option)
        found.append((label, _TRAILING.sub("", " ".join(option.split()))))
    return tuple(found)
