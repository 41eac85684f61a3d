"""JSON values: compared by content, whatever their layout and the order of their keys."""

from __future__ import annotations

import json
from typing import Final

from consensus.answers.code import fenced
from consensus.answers.folding import key

MAX_JSON_CHARS: Final = 20_000


def json_value(text: str) -> str | None:
    """The canonical form of the JSON an answer holds, None when it holds none.

    A fenced block comes first, then the whole text, then the first object or array in it.
    """
    blocks = [content for language, content in fenced(text) if language in {"json", ""}]
    for candidate in (*reversed(blocks), text):
        found = _canonical(candidate.strip())
        if found is not None:
            return found
    start = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=-1)
    return _canonical(text[start:], rest_allowed=True) if start >= 0 else None


def _canonical(text: str, *, rest_allowed: bool = False) -> str | None:
    if not text or len(text) > MAX_JSON_CHARS:
        return None
    decoder = json.JSONDecoder(strict=False, parse_float=_number, parse_constant=_refuse)
    try:
        value, end = decoder.raw_decode(text)
        if not rest_allowed and text[end:].strip():
            return None
        return key(json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":")))
    except (ValueError, RecursionError):
        return None


def _number(written: str) -> float | int:
    value = float(written)
    return int(value) if value.is_integer() and abs(value) < 1e15 else value  # noqa: PLR2004 - integers are exact in a double up to 2**53


def _refuse(constant: str) -> float:
    raise ValueError(constant)
