"""Checks of the arguments that functions of the interpreter are called with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consensus.execution.outcomes import UndecidedError

if TYPE_CHECKING:
    from consensus.execution.values import Arguments, Keywords


def plain_keywords(keywords: Keywords, *allowed: str) -> None:
    """Refuse keywords other than those allowed: whether Python takes them is not for us to guess."""
    if not keywords.keys() <= set(allowed):
        raise UndecidedError("keyword of a function")


def count(arguments: Arguments, least: int, most: int) -> None:
    """Raise as Python does for too few or too many arguments."""
    if not least <= len(arguments) <= most:
        raise TypeError("wrong number of arguments")
