"""How labels reach patterns, inside one transaction: the first of a request, and corrections of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.storage.pattern_rows import (
    Member,
    advised_text,
    failure_of_row,
    moved_row,
    pattern_of,
)
from learning.patterns.changes import Change
from learning.patterns.failures import wrong_answer
from learning.patterns.merging import DatedFailure, relabelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.storage.pattern_statements import PatternStatements
    from gateway.storage.prepared import Step
    from learning.patterns.pattern import Failure

LOOKED_BACK = 64
"""Members looked through for the failure before one that a label takes back: in a pattern of more
requests a failure further back is forgotten."""


def settle(step: Step, statements: PatternStatements, request_ids: Sequence[str]) -> list[Change]:
    """Have the last stored label of each request count; requests without one, or unknown, stay."""
    statements.lock(step)
    names = statements.listed(request_ids)
    found = step.fetch(statements.labels, these=names)
    return _apply(step, statements, {name: bool(correct) for name, correct in found})


def label(step: Step, statements: PatternStatements, labels: Mapping[str, bool]) -> list[Change]:
    """Have these labels count, whatever is stored as feedback."""
    statements.lock(step)
    return _apply(step, statements, labels)


def _apply(step: Step, statements: PatternStatements, labels: Mapping[str, bool]) -> list[Change]:
    found = step.fetch(statements.members, these=statements.listed(list(labels)))
    moved = [
        _Moved(member, labels[member.request_id])
        for member in map(Member, found)
        if member.correct != labels[member.request_id]
    ]
    if not moved:
        return []
    rows = statements.rows_of(step, [move.member.pattern_id for move in moved])
    patterns = {id_: pattern_of(row) for id_, row in rows.items()}
    failures = {id_: failure_of_row(row) for id_, row in rows.items()}
    moved = [move for move in moved if move.member.pattern_id in patterns]
    predictive = _predicted(step, statements, moved)
    statements.run(step, statements.move_member, [move.row() for move in moved])
    for move in moved:
        id_ = move.member.pattern_id
        failures[id_] = _last_failure(step, statements, move, failures[id_])
        last = failures[id_]
        patterns[id_] = relabelled(
            patterns[id_],
            move.member.outcomes,
            move.member.correct,
            move.correct,
            None if last is None else last.failure,
        )
    touched = sorted(patterns)
    statements.run(
        step,
        statements.move_pattern,
        [moved_row(patterns[id_], failures[id_]) for id_ in touched],
    )
    statements.run(
        step,
        statements.predict,
        [{"id": id_, "more": more} for id_, more in sorted(predictive.items()) if more],
    )
    return [
        Change(number, id_, patterns[id_])
        for number, id_ in zip(statements.announce(step, touched), touched, strict=True)
    ]


@dataclass(slots=True, eq=False)
class _Moved:
    """A member whose label changes to ``correct``."""

    member: Member
    correct: bool

    def row(self) -> dict[str, Any]:
        member = self.member
        return {
            "id": member.request_id,
            "correct": self.correct,
            "advised": advised_text(member.advised),
        }


def _predicted(step: Step, statements: PatternStatements, moved: Sequence[_Moved]) -> Counter[int]:
    """What each pattern that advice rested on gains or loses; noted in the members.

    It spoke for an answer if more of its own were right than wrong, and against one the other way
    round; what it got for an earlier label of the same request is taken back.
    """
    asked = {id_ for move in moved for id_, _ in move.member.advised}
    if not asked:
        return Counter()
    rows = step.fetch(statements.outcomes, these=statements.listed(sorted(asked)))
    leaning = {id_: (right > wrong) - (right < wrong) for id_, right, wrong in rows}
    gained: Counter[int] = Counter()
    for move in moved:
        for pair in move.member.advised:
            id_, gave = pair
            gives = leaning.get(id_, 0) * (1 if move.correct else -1)
            gained[id_] += gives - gave
            pair[1] = gives
    return gained


def _last_failure(
    step: Step, statements: PatternStatements, move: _Moved, held: DatedFailure | None
) -> DatedFailure | None:
    """The pattern's last failure once the label counts; the member's row already has it."""
    member = move.member
    failure = _failure(member, correct=move.correct)
    if failure is not None:
        dated = DatedFailure(member.at, member.request_id, failure)
        return dated if dated.later_than(held) else held
    if held is None or held.request_id != member.request_id:
        return held
    newest = step.fetch(statements.last_members, pattern=member.pattern_id, most=LOOKED_BACK)
    for other in map(Member, newest):
        found = _failure(other, correct=other.correct)
        if found is not None:
            return DatedFailure(other.at, other.request_id, found)
    return None


def _failure(member: Member, *, correct: bool | None) -> Failure | None:
    if correct is False:
        return wrong_answer(member.outcomes, member.confidence)
    return member.failure
