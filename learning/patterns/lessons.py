"""What there is to learn of a pattern, as a sentence a person can read. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from learning.patterns.pattern import Pattern


def lesson_of(pattern: Pattern) -> str:
    """One or two sentences; empty while nothing is known.

    It says who was right and who was wrong on this question, and what went wrong last.
    """
    said = [_told(pattern)] if pattern.labelled else []
    if pattern.failure is not None and pattern.outcome != "right":
        said.append(
            f"Last failure: {pattern.failure.trigger}; prevented by {pattern.failure.prevention}."
        )
    return " ".join(said)


def _told(pattern: Pattern) -> str:
    right = sorted(name for name, v in pattern.vendors.items() if v.right > v.wrong)
    wrong = sorted(name for name, v in pattern.vendors.items() if v.wrong > v.right)
    of = f"Of {pattern.labelled} labelled answers {pattern.right} were right"
    if pattern.labelled == 1:
        of = f"The labelled answer was {'right' if pattern.right else 'wrong'}"
    parts = [of]
    if right:
        parts.append(f"{_and(right)} mostly right")
    if wrong:
        parts.append(f"{_and(wrong)} mostly wrong")
    return "; ".join(parts) + "."


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
