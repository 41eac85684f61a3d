"""Small whole numbers for the few texts that come again in every pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

OTHER = 0
"""What a text gets that came when the numbers had run out; it is like nothing, not even itself."""


class Codes:
    """Texts numbered from 1 in the order they came, up to ``most``."""

    def __init__(self, texts: Iterable[str] = (), *, most: int) -> None:
        self.texts = list(texts)
        self._numbers = {text: at for at, text in enumerate(self.texts, start=1)}
        self._most = most

    def number(self, text: str) -> int:
        """The number of ``text``, a new one for a new text."""
        number = self._numbers.get(text)
        if number is None:
            if len(self.texts) >= self._most:
                return OTHER
            self.texts.append(text)
            number = self._numbers[text] = len(self.texts)
        return number

    def known(self, text: str) -> int:
        """The number of ``text``; -1 for one that never came, which no pattern has."""
        return self._numbers.get(text, -1)
