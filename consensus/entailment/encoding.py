"""A question and two answers as one row of token numbers, the same row for either order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from consensus.embedding.wordpiece import WordPiece

if TYPE_CHECKING:
    from collections.abc import Sequence

PAD: Final = "[PAD]"
UNKNOWN: Final = "[UNK]"
FIRST: Final = "[CLS]"
SEPARATOR: Final = "[SEP]"

MAX_TOKENS: Final = 112
"""Tokens of a row: a question of 20 words and two answers of 35 fit; more costs time, not insight."""

MAX_QUESTION_TOKENS: Final = 28
"""A question's share; its head is kept, which names what is asked for in most questions."""

MAX_CHARS: Final = 1200
"""Characters read of any text: hostile input is cut before anything walks over it."""

# Control characters, zero-width characters and direction marks: they change no answer.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff]+"
)

_FRAME: Final = 4  # the first token and three separators


class Row(NamedTuple):
    """Token numbers and, for each, 0 for question and first answer, 1 for the second answer."""

    tokens: list[int]
    segments: list[int]


class PairEncoder:
    """Builds ``[CLS] question [SEP] longer answer [SEP] shorter answer [SEP]``.

    Entailment is directed, agreement is not. The longer answer, which can entail the shorter but
    seldom the other way round, always comes first, in training as in use: one pass a pair, and the
    order of the two cannot matter.

    Args:
        tokens: The vocabulary.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self._pieces = WordPiece(tokens, unknown=UNKNOWN, japanese=True)
        numbers = {token: number for number, token in enumerate(tokens)}
        self._first = numbers[FIRST]
        self._separator = numbers[SEPARATOR]

    def read(self, text: str) -> list[int]:
        """Number the tokens of the head of ``text``."""
        return self._pieces.encode(_UNSEEN.sub("", text[:MAX_CHARS]))

    def row(self, question: Sequence[int], first: Sequence[int], second: Sequence[int]) -> Row:
        """Join three texts read by `read`, each cut to its share of `MAX_TOKENS`."""
        asked = question[:MAX_QUESTION_TOKENS]
        # Equal lengths: any fixed order will do.
        longer, shorter = sorted((first, second), key=lambda text: (-len(text), list(text)))
        room = MAX_TOKENS - _FRAME - len(asked)
        second_share = min(len(shorter), room // 2)
        ahead = [*asked, self._separator] if asked else []
        head = [self._first, *ahead, *longer[: room - second_share], self._separator]
        tail = [*shorter[:second_share], self._separator]
        return Row([*head, *tail], [0] * len(head) + [1] * len(tail))
