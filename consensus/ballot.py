"""How the answers to one question fell, and all that tells which of them is right, as plain values.

A ballot is what a model of trust judges, what the journal keeps and what feedback teaches from: it holds
no text, only who said the same as whom and a few figures read out of the answers.
"""

from __future__ import annotations

import math
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BALLOT_VERSION = 1
"""Of the figures' meaning and order: what an older program wrote teaches a newer one nothing."""

SIGNS = ("hedging", "computed")
"""The figures of a group, in order (`consensus.trust.figures` defines them)."""

TOPICS = 12
"""How many coordinates place a question among topics."""

DIFFICULTY = (
    "shared_words",
    "shared_numbers",
    "hedging",
    "hedging_density",
    "answer_length",
    *(f"topic_{n}" for n in range(1, TOPICS + 1)),
)
"""The figures of a question and its panel, in order (`consensus.trust.figures` defines them)."""


class ConfidenceSource(StrEnum):
    """Where a confidence comes from: outcomes seen here, or the calibration we ship."""

    CALIBRATED = "calibrated"
    PRIOR = "prior"


@value(frozen=True, slots=True)
class BallotVoter:
    """One provider whose answer stands."""

    provider: str
    vendor: str
    model: str


@value(frozen=True, slots=True)
class Ballot:
    """The answers of one request by what they say.

    ``kind``: what the question asks for (`consensus.answers.AnswerKind`). ``typed``: types, not
    wording, tell which answers are the same. ``groups``: positions in ``voters`` that say the same;
    each voter is in one group, no group is empty. ``refuses``, one a group: it declines to answer.
    ``soundness`` in [0, 1], one a group: below 1 for texts that contradict themselves or miss the
    question. ``signs``, one row a group: figures that tell for or against it (`SIGNS`).
    ``difficulty``: figures of the question and the panel that tell how likely none is right
    (`DIFFICULTY`). ``independence`` in [0, 1], one a voter: below 1 for one who only conformed.
    """

    kind: str
    language: str
    voters: tuple[BallotVoter, ...]
    groups: tuple[tuple[int, ...], ...]
    refuses: tuple[bool, ...]
    signs: tuple[tuple[float, ...], ...]
    difficulty: tuple[float, ...]
    typed: bool = True
    soundness: tuple[float, ...] = ()
    independence: tuple[float, ...] = ()
    version: int = BALLOT_VERSION

    def __post_init__(self) -> None:
        """Every group is sound and every voter independent unless told otherwise."""
        if not self.soundness:
            object.__setattr__(self, "soundness", (1.0,) * len(self.groups))
        if not self.independence:
            object.__setattr__(self, "independence", (1.0,) * len(self.voters))

    def group_of(self, provider: str) -> int:
        """The position of the group ``provider`` is in.

        Raises:
            KeyError: It has no answer here.
        """
        for g, members in enumerate(self.groups):
            if any(self.voters[i].provider == provider for i in members):
                return g
        raise KeyError(provider)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, as the journal keeps it; `from_json` reads it back."""
        return {
            "version": self.version,
            "kind": self.kind,
            "language": self.language,
            "voters": [[v.provider, v.vendor, v.model] for v in self.voters],
            "groups": [list(members) for members in self.groups],
            "refuses": list(self.refuses),
            "signs": [[round(x, 6) for x in row] for row in self.signs],
            "difficulty": [round(x, 6) for x in self.difficulty],
            "typed": self.typed,
            "soundness": [round(x, 6) for x in self.soundness],
            "independence": [round(x, 6) for x in self.independence],
        }

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> Ballot | None:
        """The ballot that `as_json` made; None for one of another version or a broken one."""
        if kept.get("version") != BALLOT_VERSION:
            return None
        try:
            ballot = Ballot(
                kind=str(kept["kind"]),
                language=str(kept["language"]),
                voters=tuple(BallotVoter(str(p), str(v), str(m)) for p, v, m in kept["voters"]),
                groups=tuple(tuple(map(int, members)) for members in kept["groups"]),
                refuses=tuple(map(bool, kept["refuses"])),
                signs=tuple(tuple(map(float, row)) for row in kept["signs"]),
                difficulty=tuple(map(float, kept["difficulty"])),
                typed=bool(kept["typed"]),
                soundness=tuple(map(float, kept["soundness"])),
                independence=tuple(map(float, kept["independence"])),
            )
        except (KeyError, TypeError, ValueError):
            return None
        return ballot if ballot._is_sound() else None

    def _is_sound(self) -> bool:
        placed = sorted(i for members in self.groups for i in members)
        rows = len(self.refuses) == len(self.signs) == len(self.soundness) == len(self.groups)
        columns = all(len(row) == len(SIGNS) for row in self.signs)
        figures = len(self.difficulty) == len(DIFFICULTY)
        voters = len(self.independence) == len(self.voters)
        shaped = rows and columns and figures and voters and all(self.groups) and bool(placed)
        known = all(map(math.isfinite, (*chain(*self.signs), *self.difficulty)))
        shares = all(0.0 <= x <= 1.0 for x in (*self.soundness, *self.independence))
        return shaped and known and shares and placed == list(range(len(self.voters)))


class TrustModel(Protocol):
    """Judges ballots: the shipped prior, or what feedback made of it. Immutable."""

    def source(self, kind: str) -> ConfidenceSource:
        """Whether outcomes seen here, or only the shipped prior, speak for this kind of question."""

    def probabilities(self, ballot: Ballot, weights: Mapping[str, float]) -> tuple[float, ...]:
        """How likely each group's answer is right; they sum to at most 1, the rest: none is.

        Args:
            ballot: What was answered.
            weights: What the operator counts each provider, 1 where not named.
        """

    def provider_weights(self, kind: str, providers: Iterable[str]) -> dict[str, float]:
        """How much each provider's vote counts in questions of this kind; 1 is the prior."""
