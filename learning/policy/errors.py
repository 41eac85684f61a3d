"""What can be wrong with a policy; the map for this room.

PolicyError
├── UnreadablePolicyError      it is no policy document, or not one of this program's format
└── UnknownModelError          a model of trust that no document can hold
"""

from __future__ import annotations


class PolicyError(Exception):
    """A policy cannot be made or read."""


class UnreadablePolicyError(PolicyError):
    """It is none. ``problems``: all that is wrong with it, each led by its path."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class UnknownModelError(PolicyError):
    """The model in service is of a kind that the document's format does not know."""
