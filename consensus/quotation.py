"""Quoting untrusted text in our own words: one bounded line that cannot pose as anything else."""

from __future__ import annotations

import re
import unicodedata

MAX_READ_CHARS = 2_000
"""Characters looked at, whatever the text's length."""

_ADDRESS = re.compile(
    r"\b(?:[a-z][a-z0-9+.-]{1,20}://|(?:javascript|data|mailto|vbscript):)[^\s)\]>」』]*|"
    r"\bwww\.[^\s)\]>」』]+",
    re.IGNORECASE,
)
_HARMLESS = str.maketrans(
    {
        "<": "‹",
        ">": "›",
        "[": "(",
        "]": ")",
        "`": "'",
        "“": "'",
        "”": "'",
        '"': "'",
        "「": "『",
        "」": "』",
        "|": "/",
        "*": None,
        "#": None,
    }
)
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})
"""Unicode categories that are not seen but act: controls, bidirectional marks, private use, surrogates."""


def neutralised(text: str, limit: int) -> str:
    """``text`` as one line of at most ``limit`` characters, safe inside our own sentence.

    It keeps its words; what renders, links, hides or closes a quotation is replaced: markup, quotation
    marks, addresses, line breaks, control and bidirectional characters.

    Args:
        text: What a model wrote.
        limit: Characters kept, the ellipsis included; at least 1.
    """
    line = " ".join(text[:MAX_READ_CHARS].split())
    if not line.isprintable():
        line = "".join(c for c in line if unicodedata.category(c) not in _UNSEEN)
    # Either is in every address: looking for it spares a search at each word.
    if ":" in line or "www." in line.lower():
        line = _ADDRESS.sub("…", line)
    plain = " ".join(line.translate(_HARMLESS).split())
    if len(plain) <= limit:
        return plain
    cut = plain[: limit - 1]
    head, space, _ = cut.rpartition(" ")
    # A word is not cut in two; Japanese has no spaces, and a space far back is no word's end.
    return f"{head if space and len(head) * 3 >= limit * 2 else cut}…"
