"""Quoting what others wrote so that it cannot pose as anything but a quotation.

A fence is a pair of tags whose name ends in a mark that occurs in none of the quoted texts. Whatever
a text contains, it therefore cannot close its own fence: to do so it would have to contain the mark,
and then another mark would have been chosen. The mark is computed, not drawn, so that equal input
gives equal prompts (tests, caches).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MARK_CHARS = 10
"""Hex digits of a mark: long enough that no text contains one by chance."""


@dataclass(frozen=True, slots=True)
class Fence:
    """Tags that none of the texts it was made for can imitate."""

    mark: str

    @classmethod
    def around(cls, texts: Sequence[str]) -> Fence:
        """A fence for these texts, whatever they contain."""
        folded = "\0".join(texts).casefold()
        seed = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass"))
        while (mark := seed.hexdigest()[:MARK_CHARS]) in folded:
            seed.update(b"again")
        return cls(mark)

    def tag(self, kind: str) -> str:
        """The tag's name, to speak of it: ``answer-1f0c…``."""
        return f"{kind}-{self.mark}"

    def quote(self, kind: str, text: str, *, number: int | None = None) -> str:
        """The text between its tags, each on a line of its own."""
        attribute = "" if number is None else f' number="{number}"'
        return f"<{self.tag(kind)}{attribute}>\n{text}\n</{self.tag(kind)}>"
