"""Another answer than a vendor would give: as short and as sure, and not right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from providers.simulator.questions import Question

_DIGITS = re.compile(r"\d+")
_OPPOSITE = {"yes": "no", "no": "yes", "はい": "いいえ", "いいえ": "はい"}
_SAYS = {"en": "The answer is {}.", "ja": "答えは{}です。"}
_COUNTED = frozenset({"number", "date"})


def mislead(question: Question, key: str) -> tuple[str, str] | None:
    """The key and the text of another answer than ``key``.

    One that others are known to give goes first, else it is made of this one: the next number, another
    option, the opposite. None where neither can be: a program, an essay, a name.
    """
    known = next((k for k in question.answers if k not in {key, question.right}), None)
    if known is not None:
        return known, question.answers[known].states
    if key != question.right:
        return None  # wrong already, and nobody is known to be wrong in another way
    made = _made(question, key)
    return None if made is None else (made, _SAYS[question.language].format(made))


def _made(question: Question, key: str) -> str | None:
    if question.kind in _COUNTED and _DIGITS.search(key):
        return _DIGITS.sub(lambda found: str(int(found.group()) + 1), key, count=1)
    if question.kind == "choice":
        return next((option for option in question.options if option != key), None)
    return _OPPOSITE.get(key)
