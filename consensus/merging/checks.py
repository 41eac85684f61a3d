"""What a merged text must pass before it goes out, and what may be taken out of it so that it passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from consensus.merging.removal import without
from consensus.merging.sentences import sentences
from consensus.transcript import Failure
from providers.errors import EmptyReplyError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.merging.support import Finding, Support

Agrees = Callable[[str], bool | None]
"""Whether a text's final answer is the winner's; None when the two cannot be compared."""

CONTRADICTION = "contradicts_consensus"
"""The failure code of a synthesis whose final answer is not the one the panel settled on."""

UNSUPPORTED = "unsupported_synthesis"
"""The failure code of a synthesis that states what no answer states."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A merged text after its checks: it may go out, or ``failure`` says why not.

    ``removed``: what was taken out of it. ``unsupported``: what kept it from going out.
    """

    text: str
    failure: Failure | None = None
    removed: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checks:
    """What a merged text must pass. Decides by values alone.

    Attributes:
        agrees: whether a text's final answer is the winner's.
        support: whether what it states is stated by the answers.
    """

    agrees: Agrees
    support: Support

    def __call__(self, text: str) -> Checked:
        """Check ``text``, and take out what nobody supports where the rest stands."""
        if not text.strip():
            return refused(text, EmptyReplyError.code, "an empty reply")
        agreeing = self.agrees(text)
        if agreeing is False:
            why = "its final answer is not the one the panel settled on"
            return refused(text, CONTRADICTION, why)
        try:
            findings = self.support.check(text)
        except ValueError as too_long:
            return refused(text, UNSUPPORTED, str(too_long))
        if not findings:
            return Checked(text)
        rest = self._without(text, findings, settled=agreeing is True)
        unsupported = tuple(finding.sentence.text for finding in findings)
        if rest is not None:
            return Checked(rest, removed=unsupported)
        why = f"it states what no answer supports ({len(unsupported)} sentences)"
        return replace(refused(text, UNSUPPORTED, why), unsupported=unsupported)

    def _without(self, text: str, findings: Sequence[Finding], *, settled: bool) -> str | None:
        """The rest of a text, if it still gives the answer and what it then says is supported."""
        rest = without(text, sentences(text), [finding.sentence for finding in findings])
        if rest is None or self.support.check(rest):
            return None
        agreeing = self.agrees(rest)
        return None if agreeing is False or (settled and agreeing is None) else rest


def refused(text: str, code: str, why: str) -> Checked:
    """A text that may not go out."""
    return Checked(text, Failure(code, why, retryable=False))
