"""Taking sentences out of a text so that the rest still reads as a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from consensus.merging.sentences import Sentence

_HANGS_ON = re.compile(
    r"^(?:this|that|these|those|therefore|thus|hence|so|consequently|accordingly|however|but|yet|"
    r"otherwise|instead|as a result|for (?:this|that) reason|in (?:this|that) case|which)\b|"
    r"^(?:これ|それ|この|その|こう|そう|したがって|従って|そのため|このため|よって|ゆえに|つまり|しかし|ただし|だが)",
    re.IGNORECASE,
)
"""How a sentence opens that says nothing without the one before it."""

_BLANKS = re.compile(r"[ \t]+$", re.MULTILINE)
_BREAKS = re.compile(r"\n{3,}")


def without(text: str, read: Sequence[Sentence], removed: Collection[Sentence]) -> str | None:
    """``text`` without the sentences ``removed``, nor what hangs on them.

    Args:
        text: The whole text.
        read: All its sentences, in order.
        removed: Those that go.

    Returns:
        None where the rest would not be an answer any more: nothing that states anything is left, less
        is left than goes, or what goes is code, which does nothing in parts.
    """
    spans = {(s.start, s.end) for s in removed}
    gone: list[Sentence] = []
    before_is_gone = False
    for sentence in read:
        marked = (sentence.start, sentence.end) in spans
        before_is_gone = marked or (
            before_is_gone and hangs_on(sentence, text[gone[-1].end : sentence.start])
        )
        if before_is_gone:
            gone.append(sentence)
    left = [s for s in read if s not in gone]
    if any(s.code for s in gone) or not stands(_stating(left), _stating(gone)):
        return None
    return _tidied(text, gone)


def hangs_on(sentence: Sentence, gap: str) -> bool:
    """Whether a sentence says nothing without the one before it, ``gap`` being what is between the two."""
    # What hangs on a sentence stands in its paragraph.
    return _HANGS_ON.match(sentence.text) is not None and "\n\n" not in gap


def stands(left: int, gone: int) -> bool:
    """Whether a text of which so many stating sentences are left, and so many gone, is still an answer."""
    return left >= max(1, gone)


def joined(before: str, first: str, after: str) -> str:
    """What stands in place of a sentence that goes, tidied.

    Args:
        before: What is left of the text before it, as far as its line and the breaks above it.
        first: What stood between that and the sentence.
        after: What stands between the sentence and the next.

    Returns:
        What goes between ``before`` and the next sentence.
    """
    line = (before + first).rpartition("\n")[2]
    # A line that held nothing else goes with its sentence.
    gap = first + (after[1:] if not line.strip() and after[:1] == "\n" else after)
    return _BREAKS.sub("\n\n", _BLANKS.sub("", gap) if "\n" in gap else gap)


def _stating(sentences: Sequence[Sentence]) -> int:
    return sum(s.states for s in sentences)


def _tidied(text: str, gone: Sequence[Sentence]) -> str:
    pieces: list[str] = []
    at = 0
    for sentence in gone:
        pieces.append(text[at : sentence.start])
        at = sentence.end
        # A line that held nothing else goes with its sentence.
        alone = not "".join(pieces).rpartition("\n")[2].strip()
        if alone and text[at : at + 1] == "\n":
            at += 1
    pieces.append(text[at:])
    return _BREAKS.sub("\n\n", _BLANKS.sub("", "".join(pieces))).strip()
