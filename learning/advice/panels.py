"""A ballot as it would have been had only some been asked. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from consensus.ballot import DIFFICULTY

if TYPE_CHECKING:
    from collections.abc import Collection

    from consensus.ballot import Ballot


REMEMBERED = 32_768
"""Ballots of a part that are kept: four of each lesson that requests are compared with."""


def among(ballot: Ballot, providers: Collection[str]) -> Ballot | None:
    """The ballot of these voters alone; None where one of them has no answer in it.

    What two answers share, a lone one shares with nobody. The other figures of the whole panel stay as
    they are: an approximation, for they are means over all answers.
    """
    return _among(ballot, frozenset(providers))


@lru_cache(maxsize=REMEMBERED)
def _among(ballot: Ballot, providers: frozenset[str]) -> Ballot | None:
    kept = [i for i, voter in enumerate(ballot.voters) if voter.provider in providers]
    if len(kept) < len(providers) or not kept:
        return None
    if len(kept) == len(ballot.voters):
        return ballot
    place = {i: n for n, i in enumerate(kept)}
    groups = [
        (g, tuple(place[i] for i in members if i in place))
        for g, members in enumerate(ballot.groups)
    ]
    there = [(g, members) for g, members in groups if members]
    shared = ("shared_words", "shared_numbers") if len(kept) == 1 else ()
    return replace(
        ballot,
        difficulty=tuple(
            0.0 if name in shared else figure
            for name, figure in zip(DIFFICULTY, ballot.difficulty, strict=True)
        ),
        voters=tuple(ballot.voters[i] for i in kept),
        groups=tuple(members for _, members in there),
        refuses=tuple(ballot.refuses[g] for g, _ in there),
        signs=tuple(ballot.signs[g] for g, _ in there),
        soundness=tuple(ballot.soundness[g] for g, _ in there),
        independence=tuple(ballot.independence[i] for i in kept),
    )
