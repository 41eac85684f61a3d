"""Where an answer says that it answers, in words: "Answer:", 答えは, 42 is the answer, wait, 43."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consensus.answers.enclosed import MAX_MARKS, SPAN_CHARS, enclosed, line_at
from consensus.answers.marker_words import (
    ANSWER,
    BEFORE_ENGLISH,
    BEFORE_JAPANESE,
    BEFORE_SIGNS,
    CLAUSE_END,
    CORRECT,
    CORRECTING,
    CORRECTING_JAPANESE,
    CORRECTION,
    CORRECTION_JAPANESE,
    CORRECTS,
    DENIED,
    DENIED_JAPANESE,
    FINAL,
    HEADED,
    HEADING,
    HEARSAY,
    HEARSAY_SIGNS,
    INSTEAD,
    JAPANESE,
    LEAD,
    MARKING_JAPANESE,
    OPTION,
    RIGHT,
    RIGHT_BEGINS,
)
from consensus.answers.statement import Form, Statement

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

_HEARSAY_CHARS: Final = 70
_BEFORE_CHARS: Final = 48
_CORRECTION_CHARS: Final = 60
_STOPS: Final = (".", "!", "?", "。", "\n")


def statements(text: str, low: str) -> list[Statement]:
    """The places in which an answer states its result, later ones last.

    Args:
        text: The answer as written.
        low: The same, folded and in lower case, position by position.
    """
    found = [*enclosed(text, low), *_spoken(text, low)]
    found.sort(key=lambda statement: statement.position)
    return found


def _spoken(text: str, low: str) -> Iterator[Statement]:
    japanese = not low.isascii()
    for match in _marks(low, japanese=japanese):
        start = _content_start(low, match.end())
        if _is_field(low, match) or _hearsay(low, match):
            continue
        content = _block(text, start)
        if "なく" in content or content[:4].lower() == "not ":
            instead = INSTEAD.match(content)
        else:
            instead = None
        if instead:  # "not 43 but 42"
            content = content[instead.end() :]
        elif DENIED.match(low, start):
            continue
        head = content[:30]
        if head.isascii() or not DENIED_JAPANESE.search(CLAUSE_END.split(head, maxsplit=1)[0]):
            yield Statement(content, start, Form.LINE)
    yield from _preceding(text, low)
    for end in _corrections(low, japanese=japanese)[-MAX_MARKS:]:
        start = _content_start(low, end)
        yield Statement(line_at(text, start)[:_CORRECTION_CHARS], start, Form.CORRECTION)


def _marks(low: str, *, japanese: bool) -> Iterator[re.Match[str]]:
    """The last marks of each sort."""
    if "answer" in low:
        yield from list(ANSWER.finditer(low))[-MAX_MARKS:]
    if any(map(low.__contains__, RIGHT)) and any(map(low.__contains__, OPTION)):
        yield from _beginning(CORRECT, RIGHT_BEGINS, low)[-MAX_MARKS:]
    if "final " in low:
        yield from list(FINAL.finditer(low))[-MAX_MARKS:]
    if ("**" in low or "#" in low or "__" in low) and any(map(low.__contains__, HEADED)):
        yield from _headings(low)[-MAX_MARKS:]
    if japanese and any(map(low.__contains__, MARKING_JAPANESE)):
        yield from list(JAPANESE.finditer(low))[-MAX_MARKS:]


def _beginning(pattern: re.Pattern[str], words: Iterable[str], low: str) -> list[re.Match[str]]:
    """As ``pattern.finditer``, of a pattern that begins with one of some words, at a fifth of the cost."""
    places: list[int] = []
    for word in words:
        at = low.find(word)
        while at >= 0:
            places.append(at)
            at = low.find(word, at + 1)
    found: list[re.Match[str]] = []
    end = 0
    if len(places) > 1:
        places.sort()
    for place in places:
        if place >= end and (match := pattern.match(low, place)) is not None:
            found.append(match)
            end = match.end()
    return found


def _headings(low: str) -> list[re.Match[str]]:
    """As ``HEADING.finditer``: looked for where a line begins, not at every place."""
    found = []
    start = 0
    while True:
        match = HEADING.match(low, start)
        if match is not None:
            found.append(match)
        start = low.find("\n", start) + 1
        if not start:
            return found


def _corrections(low: str, *, japanese: bool) -> list[int]:
    """Where the words end that take something back, in order."""
    found = _beginning(CORRECTION, CORRECTING, low)
    if not (found or japanese) or not (
        any(map(low.__contains__, CORRECTS))
        or (japanese and any(map(low.__contains__, CORRECTING_JAPANESE)))
    ):
        return []
    ends = [match.end() for match in found]
    if japanese:
        ends += [match.end() for match in CORRECTION_JAPANESE.finditer(low)]
        ends.sort()
    return ends


def _preceding(text: str, low: str) -> Iterator[Statement]:
    """Answers that come before their marker: "42 is the answer", 42が答えです."""
    for word in ("answer", "choice", "option"):
        at = low.rfind(word)
        for _ in range(MAX_MARKS):
            if at < 0:
                break
            lead = low[max(0, at - 40) : at]
            match = BEFORE_ENGLISH.search(lead) if lead.rstrip().endswith(BEFORE_SIGNS) else None
            if match:
                yield _before(text, at - len(lead) + match.start())
            at = low.rfind(word, 0, at)
    if "が" in low:
        for match in list(BEFORE_JAPANESE.finditer(low))[-MAX_MARKS:]:
            if not DENIED_JAPANESE.search(low, match.start(), match.end() + 8):
                yield _before(text, match.start())


def _before(text: str, end: int) -> Statement:
    lead = text[max(0, end - _BEFORE_CHARS) : end]
    return Statement(lead[_sentence_start(lead) :], end, Form.BEFORE)


def _sentence_start(lead: str) -> int:
    """Where the last sentence of a text begins; a line end at the very end of it ends none."""
    stop = max(map(lead[: -1 if lead.endswith("\n") else None].rfind, _STOPS))
    if stop < 0:
        return len(lead) if lead.endswith("\n") else 0
    start = stop + 1
    # One space behind a stop is left out; a line end behind another stop is that space.
    spaced = lead[stop] == "\n" and lead[stop - 1 : stop] in _STOPS
    return start + 1 if not spaced and lead[start : start + 1].isspace() else start


def _content_start(low: str, at: int) -> int:
    """Where the content begins behind a marker: after space, emphasis and display brackets."""
    lead = LEAD.match(low, at, at + 40)
    return lead.end() if lead else at


def _block(text: str, start: int) -> str:
    """The line at a position, or the whole fenced block that begins there."""
    if text.startswith("```", start):
        end = text.find("```", start + 3, start + SPAN_CHARS * 20)
        return text[start : end + 3] if end >= 0 else text[start : start + SPAN_CHARS * 20]
    return line_at(text, start)


def _is_field(low: str, match: re.Match[str]) -> bool:
    """Whether the word is a key in quotes, which `enclosed` reads."""
    return match[0].startswith('answer"') and low[max(0, match.start() - 1) : match.start()] in {
        '"',
        "_",
        " ",
    }


def _hearsay(low: str, match: re.Match[str]) -> bool:
    lead = low[max(0, match.start() - _HEARSAY_CHARS) : match.start()]
    lead = lead[_sentence_start(lead) :]
    hearsay = HEARSAY.search(lead) if any(map(lead.__contains__, HEARSAY_SIGNS)) else None
    # "If it sold 3, the answer is 42" concludes; "if so, the answer would be 42" does not.
    return hearsay is not None and (hearsay[0][:2] != "if" or "would" in match[0])
