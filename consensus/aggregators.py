"""Which model merges the answers: read off the question, with ranked fallbacks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum


class Complexity(StrEnum):
    """How much a question asks of whoever merges its answers."""

    SIMPLE = "simple"
    MODERATE = "moderate"
    COMPLEX = "complex"


Preference = Mapping[Complexity, Sequence[str]]

PREFERENCE: Preference = {
    Complexity.SIMPLE: ("gemini", "claude", "gpt"),
    Complexity.MODERATE: ("claude", "gpt", "gemini"),
    Complexity.COMPLEX: ("gpt", "claude", "gemini"),
}
"""Who merges best, by the vendors' roles (MISSION.md G2): Gemini is fast and cheap, GPT strong in
quality and code, Claude answers at once and stands between them."""

SIMPLE_WORDS = 40
"""Words up to which a question with a single ask is simple: about two sentences."""

COMPLEX_WORDS = 300
"""Words from which a question is complex whatever it asks: it brings material along."""

COMPLEX_ASKS = 4
"""Separate asks from which a question is complex."""

_WORD = re.compile(r"[A-Za-z0-9_]+")
_JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")
_JAPANESE_CHARS_A_WORD = 2
_ASK = re.compile(
    r"[?？]|か[。\n]|^[ \t]*(?:[-*・]|\(?[0-9０-９]+[.)、．）])[ \t　]*\S", re.MULTILINE
)
_CODE = re.compile(
    r"```|^\s*(?:def|class|import|SELECT|#include|function|const|public)\b", re.MULTILINE
)


def complexity_of(question: str) -> Complexity:
    """How complex a question is, by its length, the asks it holds, and whether it holds code."""
    words = len(_WORD.findall(question)) + len(_JAPANESE.findall(question)) / _JAPANESE_CHARS_A_WORD
    asks = len(_ASK.findall(question))
    if words >= COMPLEX_WORDS or asks >= COMPLEX_ASKS or _CODE.search(question):
        return Complexity.COMPLEX
    if words <= SIMPLE_WORDS and asks <= 1:
        return Complexity.SIMPLE
    return Complexity.MODERATE


def choose_aggregators(
    complexity: Complexity,
    ranking: Sequence[str],
    available: Sequence[str],
    preference: Preference = PREFERENCE,
) -> tuple[str, ...]:
    """Everybody available, the one to ask first in front.

    Args:
        complexity: of the question.
        ranking: the answering providers, the best supported first: the order of those that the
            preference does not name.
        available: who may be asked.
        preference: who merges best.
    """
    order = dict.fromkeys([*preference.get(complexity, ()), *ranking, *available])
    return tuple(name for name in order if name in set(available))
