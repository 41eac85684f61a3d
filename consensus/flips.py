"""A change of mind between rounds, and how independent the new answer is of those who gave it before.

Independence of a standing answer, in [0, 1]:

    1      held since the model's own first answer, which is always blind; or returned to;
           or changed with new evidence; or changed to what nobody held
    0.5    changed without new evidence to what no more held than its own answer (`ECHOED`)
    0.25   changed without new evidence to what more held: it conformed (`CONFORMED`)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from consensus.evidence import Evidence

ECHOED = 0.5
CONFORMED = 0.25
"""Independence of an answer taken over without new evidence. Above 0: it may have been a good reason
that went unsaid. Set by hand; feedback has to teach better figures."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A provider that gave another answer than the one it stood by.

    ``before`` and ``after``: the short forms of the two final answers. ``evidence``: what the change
    brought that nobody had said. ``joined``: the others who stood by the new answer before this round;
    ``left``: the others who stood by the old one. ``returned``: the new answer is its own first one.
    """

    provider: str
    round: int
    before: str
    after: str
    evidence: tuple[Evidence, ...] = ()
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    returned: bool = False

    @property
    def conformed(self) -> bool:
        """True when it joined more than it left, itself counted, and brought nothing new."""
        return self._echoes and len(self.joined) > len(self.left) + 1

    @property
    def independence(self) -> float:
        """How far the new answer supports independently of those who gave it before, in [0, 1]."""
        if not self._echoes:
            return 1.0
        return CONFORMED if self.conformed else ECHOED

    @property
    def _echoes(self) -> bool:
        return bool(self.joined) and not self.evidence and not self.returned
