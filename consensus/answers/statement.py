"""A place in an answer where its result is stated, and how a marker holds it."""

from __future__ import annotations

from enum import Enum

from providers.values import value


class Form(Enum):
    """How a marker holds its answer, which tells how strictly to read it."""

    WHOLE = "whole"
    """Enclosed: the content is the answer (a field, a tag, a box)."""
    LINE = "line"
    """Followed by it: the answer begins the line and may run on in prose."""
    EXACT = "exact"
    """Only a mark if nothing but an answer follows (#### may also be a heading)."""
    BEFORE = "before"
    """Preceded by it: "42 is the answer"."""
    CORRECTION = "correction"
    """Taken back and said anew: "wait, actually 43"."""


@value(frozen=True, slots=True)
class Statement:
    """A place where an answer is stated: the text to read, and its rank among the others.

    A later ``position`` wins. A field of a JSON object stands where its object ends, for the
    reasoning beside it, before or behind, is not the answer.
    """

    text: str
    position: int
    form: Form
    boxed: bool = False
    """Whether it is the content of a LaTeX box: mathematics as a whole."""
