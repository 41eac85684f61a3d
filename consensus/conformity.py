"""Who changed its answer after reading the others', and whether it had a reason of its own.

Agreement counts because the answers are independent. Once a model has read the others, it may come over
because they are right or because they are many: models conform, and how far depends on the size of the
majority and on how often it is met (Weng, Chen, Wang: "Do as We Do, Not as You Think: the Conformity of
Large Language Models", arXiv:2501.13381); they give up right answers for wrong ones (Wynn, Satija, Hadfield: "Talk Isn't
Always Cheap: Understanding Failure Modes in Multi-Agent Debate", arXiv:2509.05396). Which of the two it
was cannot be seen, but whether the change brought anything new can (`consensus.evidence`). Its weight as
independent support follows from it (`consensus.flips`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from consensus.evidence import new_evidence
from consensus.flips import Flip
from consensus.reading import read_answer
from consensus.sameness import likeness_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.agreement import Likeness
    from consensus.answers import Question
    from consensus.evidence import Evidence
    from consensus.reading import Reading
    from consensus.transcript import Attempt, Transcript


def flips_of(
    question: Question, before: Transcript, attempts: Sequence[Attempt]
) -> tuple[Flip, ...]:
    """The changes of mind among ``attempts``, in their order.

    An answer has changed when its type says so; where only wording can tell, when it contradicts the
    old one, or says what somebody else said and the old one did not.

    Args:
        question: What was asked.
        before: The transcript as it stood before the round.
        attempts: Of the round; failures and first answers change nothing.
    """
    standing = {a.provider: a for a in before.answers}
    changed = [a for a in attempts if a.text is not None and a.provider in standing]
    if not changed:
        return ()
    # In reverse, so that the earliest stays.
    first = {a.provider: a for a in reversed(before.attempts) if a.text is not None}
    read = _Read.of(question, [*standing.values(), *changed, *(first[a.provider] for a in changed)])
    sides = [
        _Side(a, i, len(standing) + k, len(standing) + len(changed) + k)
        for k, a in enumerate(changed)
        for i, name in enumerate(standing)
        if name == a.provider
    ]
    flips = (_flip(question, before, tuple(standing), read, side) for side in sides)
    return tuple(flip for flip in flips if flip is not None)


def evidence_of(
    question: Question, before: Transcript, attempt: Attempt, finals: Sequence[str] = ()
) -> tuple[Evidence, ...]:
    """What an answer brings, its remark included, that nobody has said ``before``."""
    said = "\n".join(filter(None, (attempt.review, attempt.text)))
    return new_evidence(said, [question.text, *_written(before)], finals)


class _Side(NamedTuple):
    """An attempt, and the positions of its author's old, new and first answer among those read."""

    attempt: Attempt
    old: int
    new: int
    first: int


class _Read(NamedTuple):
    """Answers read and compared."""

    readings: tuple[Reading, ...]
    likeness: tuple[tuple[Likeness, ...], ...]

    @classmethod
    def of(cls, question: Question, answers: Sequence[Attempt]) -> _Read:
        readings = tuple(read_answer(question, a.text or "") for a in answers)
        return cls(readings, likeness_of(question, readings))

    def final(self, i: int) -> str:
        return self.readings[i].final.text

    def holders(self, i: int, names: tuple[str, ...], *, besides: int) -> tuple[str, ...]:
        """Who of ``names``, which come first among those read, says the same as answer ``i``."""
        row = self.likeness[i]
        return tuple(name for j, name in enumerate(names) if j != besides and row[j].same)


def _flip(
    question: Question, before: Transcript, names: tuple[str, ...], read: _Read, side: _Side
) -> Flip | None:
    likeness = read.likeness[side.old][side.new]
    joined = read.holders(side.new, names, besides=side.old)
    left = read.holders(side.old, names, besides=side.old)
    if likeness.same or not (likeness.typed or set(joined) - set(left)):
        return None
    finals = [read.final(i) for i in (*range(len(names)), side.new)]
    return Flip(
        side.attempt.provider,
        side.attempt.round,
        before=read.final(side.old),
        after=read.final(side.new),
        evidence=evidence_of(question, before, side.attempt, finals),
        joined=joined,
        left=left,
        returned=read.likeness[side.new][side.first].same,
    )


def _written(transcript: Transcript) -> list[str]:
    return [text for a in transcript.attempts for text in (a.text, a.review) if text is not None]
