"""The questions of the loads: no two numbers ask the same. Without dependencies, for any interpreter."""

from __future__ import annotations


def question(number: int) -> str:
    """A sum, put in words."""
    return f"Please add {1000 + number} and {4000 + 7 * number}, and explain how you got there."


def total(number: int) -> int:
    """The right answer to that question."""
    return 5000 + 8 * number
