"""The minutes of a deliberation: what has been said so far, and what came of each round."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from consensus.answers import read_question
from consensus.conformity import flips_of
from consensus.deliberation import RoundEnded
from consensus.lazily import lazily
from consensus.round_results import Escalation, RoundResult, round_result
from consensus.transcript import Attempt, Transcript

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.answers import Question
    from consensus.deliberation import Decide
    from consensus.rounds import Ask
    from consensus.verdict import Consensus


class Minutes:
    """Takes in what came back, decides anew each time, and tells of a round once it is over.

    Args:
        question: The caller's own, as text.
        panel: Everybody who may be asked, in order.
        decide: Weighs the answers.
    """

    def __init__(self, question: str, panel: Sequence[str], decide: Decide) -> None:
        self._text = question
        self._panel = panel
        self._decide = decide
        self._before: tuple[Transcript, Consensus | None] = (Transcript(), None)
        self._began_at = 0.0
        self._escalation: Escalation | None = None
        self._told = 0
        self.transcript = Transcript()
        self.consensus: Consensus | None = None
        self.rounds: tuple[RoundResult, ...] = ()

    @lazily
    def question(self) -> Question:
        """Read only where answers are challenged: a blind round needs no reading."""
        return read_question(self._text)

    def begin(self, now: float) -> None:
        """A round begins. ``now`` is on any clock, in seconds."""
        self._before = (self.transcript, self.consensus)
        self._began_at = now
        self._escalation = None

    def escalate(self, providers: Sequence[str], now: float) -> None:
        """These are asked beside the opening of the round that goes on; nobody, where none can be."""
        self._escalation = Escalation(tuple(providers), (now - self._began_at) * 1000)

    def take(self, attempts: tuple[Attempt, ...], ask: Ask) -> None:
        """Take in what came back, and decide anew."""
        whole = self.joined(attempts, ask)
        if self._escalation is not None:
            # An opening's straggler comes when the rest was asked already, but stands in its place.
            inserted = sorted(whole.attempts, key=lambda a: self._panel.index(a.provider))
            whole = replace(whole, attempts=tuple(inserted))
        self.transcript = whole
        if whole.answers:
            self.consensus = self._decide(whole)
        before, decided = self._before
        result = round_result(
            self.question if ask.shown else None,
            before,
            whole,
            decided,
            self.consensus,
            escalation=self._escalation,
        )
        self.rounds = (*[held for held in self.rounds if held.round != ask.round], result)

    def joined(self, attempts: tuple[Attempt, ...], ask: Ask) -> Transcript:
        """The transcript with a round, or a part of it, and its changes of mind."""
        flips = flips_of(self.question, self.transcript, attempts) if ask.shown else ()
        return Transcript(self.transcript.attempts + attempts, self.transcript.flips + flips)

    def untold(self) -> RoundEnded | None:
        """The last round, if nobody was told of it yet; to be called when nothing more comes of it."""
        if not self.rounds or self.rounds[-1].round <= self._told:
            return None
        held = self.rounds[-1]
        self._told = held.round
        return RoundEnded(held.round, self.consensus, held)
