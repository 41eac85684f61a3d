"""A ballot as it would have been had only some been asked. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from consensus.ballot import Ballot


def among(ballot: Ballot, providers: Collection[str]) -> Ballot | None:
    """The ballot of these voters alone; None where one of them has no answer in it.

    Figures of the whole panel, as its difficulty, stay as they are: an approximation, for they are read
    from all answers.
    """
    kept = [i for i, voter in enumerate(ballot.voters) if voter.provider in providers]
    if len(kept) < len(set(providers)) or not kept:
        return None
    if len(kept) == len(ballot.voters):
        return ballot
    place = {i: n for n, i in enumerate(kept)}
    groups = [
        (g, tuple(place[i] for i in members if i in place))
        for g, members in enumerate(ballot.groups)
    ]
    there = [(g, members) for g, members in groups if members]
    return replace(
        ballot,
        voters=tuple(ballot.voters[i] for i in kept),
        groups=tuple(members for _, members in there),
        refuses=tuple(ballot.refuses[g] for g, _ in there),
        signs=tuple(ballot.signs[g] for g, _ in there),
        soundness=tuple(ballot.soundness[g] for g, _ in there),
        independence=tuple(ballot.independence[i] for i in kept),
    )
