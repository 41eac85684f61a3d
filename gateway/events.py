"""What a caller who streams sees of a request while it is being answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from providers.values import value

if TYPE_CHECKING:
    from consensus.round_results import RoundResult
    from consensus.transcript import Attempt
    from consensus.verdict import Consensus


@value(frozen=True, slots=True)
class Accepted:
    """The request makes sense and has its place; vendors are being asked from now on."""

    request_id: str
    path: str
    providers: tuple[str, ...]


@value(frozen=True, slots=True)
class VoteSeen:
    """A vendor has answered, or failed."""

    attempt: Attempt


@value(frozen=True, slots=True)
class RoundSeen:
    """A round is over; ``consensus`` is how the answers stand now, None while there is none."""

    round: int
    consensus: Consensus | None
    result: RoundResult


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer's text."""

    text: str


Event: TypeAlias = Accepted | VoteSeen | RoundSeen | Delta
Emit: TypeAlias = Callable[[Event], None]


def nobody(event: Event) -> None:
    """Nobody is watching."""
