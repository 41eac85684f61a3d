"""The questions the simulated vendors know, and how a conversation's question is found among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from providers.simulator.text import contains, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from providers.simulator.vendors import Turn, Vendor

Language = Literal["en", "ja"]
Stance = Literal["stubborn", "persuadable", "follows_majority", "follows_evidence"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A possible answer: its sentence, and the normalised marks by which a reader knows it."""

    key: str
    states: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """What one vendor says to a question on its own, and how it takes other answers.

    ``stubborn`` never moves. ``follows_majority`` moves to the answer most of those shown support,
    ``follows_evidence`` to the right one once someone shown gives its evidence, ``persuadable``
    does either. ``concedes`` words a move to the right answer. ``refuses``: it declines.
    """

    answer: str
    says: str
    stance: Stance
    concedes: str | None = None
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question with all answers anyone may give to it."""

    id: str
    language: Language
    kind: str
    ask: tuple[str, ...]
    options: Mapping[str, str]
    right: str | None
    evidence: tuple[str, ...]
    answers: Mapping[str, Answer]
    voices: Mapping[Vendor, Voice]
    asked: tuple[str, ...] = field(repr=False)

    @property
    def prompt(self) -> str:
        """The question as a user would send it, options included."""
        return "\n".join((self.ask[0], *(f"{k}) {v}" for k, v in self.options.items())))


class Library:
    """All known questions, and the way from a conversation to the one it asks."""

    def __init__(self, questions: Iterable[Question]) -> None:
        self.questions = tuple(questions)
        ids = [q.id for q in self.questions]
        if len(set(ids)) != len(ids):
            raise ValueError(
                f"two questions share an id: {sorted(i for i in ids if ids.count(i) > 1)}"
            )
        # The longest wording first, so that a question is not taken for one it contains.
        self._by_wording = sorted(
            ((asked, q) for q in self.questions for asked in q.asked),
            key=lambda pair: -len(pair[0]),
        )

    def find(self, turns: tuple[Turn, ...]) -> Question | None:
        """The question asked last: in the last user turn, else in the latest turn that asks one."""
        for turn in reversed(turns):
            if turn.role == "user" and (found := self._in(words(turn.text))) is not None:
                return found
        return None

    def _in(self, text: str) -> Question | None:
        return next((q for asked, q in self._by_wording if contains(text, asked)), None)
