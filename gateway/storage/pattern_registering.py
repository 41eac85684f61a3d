"""How requests become patterns, inside one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.storage.column_types import storable
from gateway.storage.learning_schema import patterns
from gateway.storage.pattern_rows import (
    advised_text,
    failure_of_row,
    member_text,
    moved_row,
    packed,
    pattern_of,
    pattern_row,
)
from learning.patterns.changes import Change
from learning.patterns.merging import (
    DatedFailure,
    first_pattern,
    groups_alike,
    joined,
    same_question,
)
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.storage.pattern_statements import PatternStatements
    from gateway.storage.prepared import Step
    from learning.patterns.contribution import NewPattern
    from learning.patterns.pattern import Pattern


@value(frozen=True, slots=True, eq=False)
class Draft:
    """A request as far as it can be made ready before the transaction, off the event loop.

    ``like``: the position in the batch of the first that is the same question; its own for the first.
    """

    new: NewPattern
    request_id: str
    embedding: bytes
    member: str
    like: int


def drafts_of(batch: Sequence[NewPattern]) -> list[Draft]:
    """The batch, made ready. Some 30 µs a request, in whatever thread has the time."""
    if not batch:
        return []
    import numpy as np  # noqa: PLC0415 - 0.1 s of a start

    embeddings = packed(np.stack([new.scenario.embedding for new in batch]))
    return [
        Draft(new, storable(new.request_id), embedding, member_text(new), like)
        for new, embedding, like in zip(batch, embeddings, groups_alike(batch), strict=True)
    ]


def register(
    step: Step, statements: PatternStatements, drafts: Sequence[Draft], embedder: str
) -> list[Change]:
    """Take each request into the pattern that is the same question, or into one of its own.

    Requests taken in before are left out. A label that is stored already counts at once.
    """
    statements.lock(step)
    names = statements.listed([draft.request_id for draft in drafts])
    before = {row[0]: row[1] for row in step.fetch(statements.members, these=names)}
    labels = {name: bool(correct) for name, correct in step.fetch(statements.labels, these=names)}
    near = {id_ for draft in drafts for id_ in draft.new.alike} | set(before.values())
    kept = {id_: row for id_, row in statements.rows_of(step, near).items() if row[1] == embedder}
    batch = _Batch(before, kept)
    for draft, number in zip(drafts, statements.reserve(step, patterns, len(drafts)), strict=True):
        batch.take(draft, number, labels.get(draft.request_id, draft.new.correct))
    step.run(*statements.insert_patterns.batch(batch.new_rows(embedder)))
    statements.run(step, statements.move_pattern, batch.moved_rows())
    step.run(*statements.insert_members.batch(batch.members))
    touched = sorted(batch.touched)
    return [
        Change(number, id_, batch.pattern(id_))
        for number, id_ in zip(statements.announce(step, touched), touched, strict=True)
    ]


class _Batch:
    """Patterns as they grow by one request after the other.

    Args:
        before: Requests that were taken in earlier, and by which pattern.
        kept: Rows of patterns a request may join.
    """

    def __init__(self, before: Mapping[str, int], kept: Mapping[int, Sequence[Any]]) -> None:
        self._seen = dict(before)
        self._places: list[int] = []
        self._patterns = {id_: pattern_of(row) for id_, row in kept.items()}
        self._failures = {id_: failure_of_row(row) for id_, row in kept.items()}
        self._embeddings: dict[int, bytes] = {}
        self.touched: set[int] = set()
        self.members: list[dict[str, Any]] = []

    def take(self, draft: Draft, number: int, correct: bool | None) -> None:
        """Take in the next of the batch; ``number`` is for the pattern it makes if it joins none."""
        known = self._seen.get(draft.request_id)
        if known is not None:
            self._places.append(known)
            return
        into = self._home(draft)
        failure = draft.new.failure_with(correct)
        dated = None
        if failure is not None:
            dated = DatedFailure(draft.new.at, draft.request_id, failure)
        if into is None:
            into = number
            self._patterns[into] = first_pattern(number, draft.new, correct=correct)
            self._failures[into] = dated
            self._embeddings[into] = draft.embedding
        else:
            if dated is not None and dated.later_than(self._failures[into]):
                self._failures[into] = dated
            last = self._failures[into]
            self._patterns[into] = joined(
                self._patterns[into],
                draft.new,
                correct=correct,
                failure=None if last is None else last.failure,
            )
        self._places.append(into)
        self._seen[draft.request_id] = into
        self.touched.add(into)
        self.members.append(_member_row(draft, into, correct))

    def pattern(self, id_: int) -> Pattern:
        """As it stands now."""
        return self._patterns[id_]

    def new_rows(self, embedder: str) -> list[dict[str, Any]]:
        """Of the patterns that are not in the table yet."""
        return [
            pattern_row(self._patterns[id_], embedder, embedding, self._failures[id_])
            for id_, embedding in self._embeddings.items()
        ]

    def moved_rows(self) -> list[dict[str, Any]]:
        """Of those that are, and took a request in."""
        return [
            moved_row(self._patterns[id_], self._failures[id_])
            for id_ in self.touched
            if id_ not in self._embeddings
        ]

    def _home(self, draft: Draft) -> int | None:
        """The pattern that is the same question; None for none."""
        new = draft.new
        like = [self._places[draft.like]] if draft.like < len(self._places) else []
        for id_ in (*like, *new.alike):
            found = self._patterns.get(id_)
            if found is not None and same_question(
                new.scenario, new.configuration, found.scenario, found.configuration
            ):
                return id_
        return None


def _member_row(draft: Draft, into: int, correct: bool | None) -> dict[str, Any]:
    return {
        "request_id": draft.request_id,
        "pattern_id": into,
        "at": draft.new.at,
        "correct": correct,
        "vendors": draft.member,
        "advised": advised_text([(id_, 0) for id_ in draft.new.advised]),
    }
