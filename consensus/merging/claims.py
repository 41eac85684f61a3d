"""What the answers state, each claim once, with who supports it and whether somebody contradicts it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from consensus.merging.relations import contradict, same_claim

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from consensus.merging.sentences import Clause, Sentence

MAX_CLAIMS = 40
"""Claims that are listed, the winner's first: about a page, and each is compared with each."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer. ``answers``: who states it, by position; ``contested``: one denies it."""

    text: str
    said: Clause
    answers: tuple[int, ...]
    contested: bool = False


def claims(answers: Sequence[Sequence[Sentence]]) -> tuple[Claim, ...]:
    """The claims of ``answers`` in their order, at most `MAX_CLAIMS`, those stated alike as one.

    Args:
        answers: The sentences of each answer, the winner's first.
    """
    found: list[Claim] = []
    for position, sentences in enumerate(answers):
        for sentence in _stating(sentences):
            same = next(
                (i for i, c in enumerate(found) if same_claim(c.said, sentence.whole)), None
            )
            if same is not None:
                if position not in found[same].answers:
                    found[same] = replace(found[same], answers=(*found[same].answers, position))
            elif len(found) < MAX_CLAIMS:
                found.append(Claim(sentence.text, sentence.whole, (position,)))
    return tuple(
        replace(claim, contested=any(_contradict(claim, other) for other in found))
        for claim in found
    )


def _stating(sentences: Iterable[Sentence]) -> Iterable[Sentence]:
    return (
        s
        for s in sentences
        if s.states and s.whole.statement is not None and not s.whole.statement.asks
    )


def _contradict(a: Claim, b: Claim) -> bool:
    """Whether two claims of different answers cannot both hold."""
    return not set(a.answers) & set(b.answers) and contradict(a.said, b.said)
