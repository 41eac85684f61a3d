r"""Answers that something encloses or introduces alone: \boxed{}, ####, <answer>, a JSON field."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from consensus.answers.statement import Form, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

SPAN_CHARS: Final = 400
"""How far behind a marker its answer is read."""

MAX_FIELDS: Final = 8
"""How many of the last answer fields and boxes are parsed; a reply holds one or a few."""

MAX_MARKS: Final = 64
"""How many of the last marks of each sort are looked at."""

_FIELD = re.compile(
    r"[\"'](?:[a-z]{1,12}[ _-])?(?:answer|result|final|回答|解答|答え|最終回答|最終的な答え|結論)[\"']\s{0,8}:\s{0,8}"
)
_TAG = re.compile(r"<((?:final[_-]?)?answer|final)>")
_BOX = re.compile(r"\\(?:boxed|fbox)\s{0,3}\{")
_HASHES = re.compile(r"^####[ \t]*(?=\S)", re.MULTILINE)
_KEYS: Final = tuple(
    f"{key}{quote}"
    for key in ("answer", "result", "final", "答", "答え", "結論")
    for quote in ("'", '"')
)
"""How a field that `_FIELD` finds ends."""


def enclosed(text: str, low: str) -> Iterator[Statement]:
    """The answers that stand in a field, a tag, a box or behind hashes.

    Args:
        text: The answer as written.
        low: The same, folded and in lower case, position by position.
    """
    if ('"' in low or "'" in low) and any(map(low.__contains__, _KEYS)):
        closing = low.rfind("}")
        fields = [
            (m, v)
            for m in list(_FIELD.finditer(low))[-MAX_FIELDS:]
            if (v := _field_value(text, m.end())) is not None
        ]
        for number, (match, value) in enumerate(fields):
            last = number + 1 == len(fields)
            position = closing if last and closing > match.end() else match.end()
            yield Statement(value, position, Form.WHOLE)
    if "<" in low:
        for match in list(_TAG.finditer(low))[-MAX_FIELDS:]:
            end = low.find(f"</{match[1]}>", match.end(), match.end() + SPAN_CHARS * 10)
            tagged = text[match.end() : end if end >= 0 else match.end() + SPAN_CHARS]
            yield Statement(tagged.strip(), match.end(), Form.WHOLE)
    if "box" in low:
        for match in list(_BOX.finditer(low))[-MAX_FIELDS:]:
            content = _braced(text, match.end())
            if content is not None:
                yield Statement(content, match.end(), Form.WHOLE, boxed=True)
    if "####" in low:
        for match in list(_HASHES.finditer(low))[-MAX_MARKS:]:
            yield Statement(line_at(text, match.end()), match.end(), Form.EXACT)


def line_at(text: str, start: int) -> str:
    """The rest of the line from a position on, at most `SPAN_CHARS` of it."""
    return text[start : start + SPAN_CHARS].split("\n", 1)[0]


def _field_value(text: str, start: int) -> str | None:
    """The value of a JSON field as text; a reply whose JSON is broken is read all the same."""
    decoder = json.JSONDecoder(strict=False)
    value: object
    try:
        value, _ = decoder.raw_decode(text[start : start + SPAN_CHARS * 20])
    except (ValueError, RecursionError):
        quote = text[start : start + 1]
        if quote in {'"', "'"}:
            end = re.compile(rf"(?<!\\){quote}\s*(?:[,}}\n]|$)").search(
                text, start + 1, start + SPAN_CHARS * 20
            )
            return text[start + 1 : end.start()] if end else line_at(text, start + 1)
        return line_at(text, start).rstrip(",}") or None
    if isinstance(value, str):
        return value
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False)


def _braced(text: str, start: int) -> str | None:
    depth = 1
    for at in range(start, min(len(text), start + SPAN_CHARS)):
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0:
                return text[start:at]
    return None
