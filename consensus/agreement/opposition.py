"""Two short answers that plainly say the opposite of each other: no model needs to be asked.

Where a text is a sentence or two, about the same thing as the other, and one of them uses the opposite
word, nothing is left that could take it back. A sentence-pair model trained on wording is known to
miss exactly this: antonyms occur in the same contexts, so they lie near each other (Mohammad, Dorr,
Hirst and Turney, "Computing Lexical Contrast", Computational Linguistics 39(3), 2013).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from consensus.opposites import plain
from consensus.polarity import negated

if TYPE_CHECKING:
    from consensus.agreement.claims import Claims

_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|[\u3400-\u9fff々]+|[\u30a1-\u30ff]{2,}")
_YARDSTICK_JA = re.compile(r"([\u3400-\u9fff々\u30a1-\u30ffa-z]+)(?:の方|のほう)?より")


def plainly_opposed(a: Claims, b: Claims) -> bool:
    """True where two texts that `clash` by opposite words leave no other reading.

    False where the two name their things in another order, or measure against another: "Mars is
    smaller than Earth" and "Earth is larger than Mars" hold opposite words and say the same. False
    too where either negates anything, or a word's opposite is not itself in the other: whether such a
    text denies the other depends on what the negation, or "prohibited", is about.
    """
    if not (a.plain and b.plain):
        return False
    one, other = _joined(a), _joined(b)
    if negated(one) or negated(other):
        return False
    if _YARDSTICK_JA.findall(one) != _YARDSTICK_JA.findall(other):
        return False
    first, second = _order(one), _order(other)
    shared = [word for word in first if word in second]
    return shared == [word for word in second if word in first] and any(
        first[word] is not second[word] for word in shared
    )


def _joined(claims: Claims) -> str:
    return " ".join(s.text.lower() for s in claims.statements)


def _order(text: str) -> dict[str, bool]:
    """The words of a text in the order in which they first occur, opposites as their plain word.

    True for those that stand for their opposite.
    """
    found: dict[str, bool] = {}
    for token in _TOKEN.findall(text):
        word, flip = plain(token)
        found.setdefault(word, bool(flip))
    return found
