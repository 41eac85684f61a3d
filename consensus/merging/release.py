"""A merged text checked while it is being written, and let go sentence by sentence.

What is let go is never taken back, so it is judged first: a sentence once it is whole, as the whole text's
sentences are (`consensus.merging.support`); one that no answer supports is not let go, nor what hangs on
it. The text is held back as long as it states next to nothing, as more of it goes than stays, as its final
answer is another than the panel's, and, where types tell answers apart, until it has stated that answer.
What a whole text must pass beyond that shows at its end: there the rest is let go, or the text fails.

Where nothing was let go by then, the whole text is checked as one that was never streamed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from consensus.merging.checks import CONTRADICTION, UNSUPPORTED, Checked, refused
from consensus.merging.removal import hangs_on, joined, stands
from consensus.merging.sentences import MAX_SENTENCES, MAX_TEXT_CHARS, sentence_at, spans

if TYPE_CHECKING:
    from consensus.merging.checks import Checks
    from consensus.merging.sentences import Sentence, Span
    from consensus.transcript import Failure

MAX_CHARS = 4 * MAX_TEXT_CHARS
MAX_READ = 4 * MAX_SENTENCES
"""Characters and sentences of a text that is let go while it is written: what all eight answers hold that
an aggregator is shown. Each sentence is bounded by itself, so more may be read than of a whole text."""

OPENING = 2
"""Sentences that state something before free text is let go: a first one is often but an opening, and what
stays of a text that then goes astray would be no answer."""

_ENDINGS = frozenset(".!?。｡！？\n")
"""What may end a sentence."""


class Release:
    """One text on its way out. Decides by values alone.

    Args:
        checks: What the text has to pass.
        typed: Whether types tell the answers to this question apart: then nothing is let go before the
            text states the panel's.
    """

    def __init__(self, checks: Checks, *, typed: bool) -> None:
        self._checks = checks
        self._typed = typed
        self._written: list[str] = []
        self._out = ""
        self._held = ""
        self._failure: Failure | None = None
        # Of what is not judged yet, from the beginning of its line: where in it the unjudged begins.
        self._tail = ""
        self._judged = 0
        self._chars = 0
        self._read = 0
        self._may_end = False
        self._removed: list[str] = []
        self._left = 0
        self._gone = 0
        # What stands between the last sentence that stayed and the one that went after it.
        self._gap: str | None = None
        self._before_is_gone = False

    @property
    def shown(self) -> bool:
        """Whether any of it was let go."""
        return bool(self._out)

    @property
    def failure(self) -> Failure | None:
        """Why the rest need not be waited for; only ever set once some of it was let go."""
        return self._failure if self.shown else None

    def feed(self, piece: str) -> str:
        """Take the next characters the aggregator wrote; returns what may go out now, mostly nothing."""
        self._written.append(piece)
        self._chars += len(piece)
        if self._failure is not None:
            return ""
        if self._chars > MAX_CHARS:
            self._fail(
                UNSUPPORTED, f"a text of over {MAX_CHARS} characters is too long to be checked"
            )
            return ""
        self._tail += piece
        self._may_end = self._may_end or not _ENDINGS.isdisjoint(piece)
        if not self._may_end:
            return ""
        self._judge(whole=False)
        return self._let_go()

    def finish(self) -> tuple[str, Checked]:
        """The text is whole: the rest of it that goes out, and what it is worth altogether.

        Nothing goes out where it fails.
        """
        text = "".join(self._written)
        if not self.shown:
            checked = self._checks(text)
            return ("" if checked.failure is not None else checked.text), checked
        if self._failure is None:
            self._judge(whole=True)
        agreeing = self._checks.agrees(text)
        if agreeing is False:
            self._fail(CONTRADICTION, "its final answer is not the one the panel settled on")
        if self._removed:
            self._check_rest(settled=agreeing is True)
        if self._failure is not None:
            return "", Checked(self._out, self._failure, tuple(self._removed))
        rest, self._held = self._held.rstrip(), ""
        self._out += rest
        return rest, Checked(self._out, removed=tuple(self._removed))

    def _check_rest(self, *, settled: bool) -> None:
        """What is left of a text that something was taken out of still has to be the answer."""
        agreeing = self._checks.agrees(self._out + self._held)
        if not stands(self._left, self._gone):
            why = f"it states what no answer supports ({len(self._removed)} sentences)"
            self._fail(UNSUPPORTED, why)
        elif agreeing is False or (settled and agreeing is None):
            self._fail(UNSUPPORTED, "what the answers support of it does not give the answer")

    def _judge(self, *, whole: bool) -> None:
        """Take in what is whole of the text not judged yet."""
        begin = None
        for span in list(spans(self._tail)):
            if span.start < self._judged:
                continue
            if not whole and span.end >= len(self._tail):
                break
            self._take(span)
            begin = span
        if begin is None:
            return
        # A block of code ends with its line; prose may go on in it, and is read from the line's start.
        line = begin.end if begin.code else self._tail.rfind("\n", 0, begin.end) + 1
        self._tail = self._tail[line:]
        self._judged = begin.end - line
        self._may_end = not _ENDINGS.isdisjoint(self._tail[self._judged :])

    def _take(self, span: Span) -> None:
        """Judge one sentence; hold it to be let go, or take it out."""
        gap = self._tail[self._judged : span.start]
        self._judged = span.end
        written = self._tail[span.start : span.end]
        sentence = sentence_at(self._tail, span)
        if sentence is None:
            self._keep(gap, written)
            return
        self._read += 1
        if self._read >= MAX_READ:
            self._fail(
                UNSUPPORTED, f"a text of {MAX_READ} sentences or more is too long to be checked"
            )
        unsupported = bool(self._checks.support.findings([sentence]))
        if unsupported:
            self._removed.append(sentence.text)
        if unsupported or (self._before_is_gone and hangs_on(sentence, gap)):
            self._remove(gap, sentence)
            return
        self._left += sentence.states
        self._before_is_gone = False
        self._keep(gap, written)

    def _keep(self, gap: str, written: str) -> None:
        if self._gap is not None:
            gap = joined(self._out + self._held, self._gap, gap)
            self._gap = None
        added = gap + written
        self._held += added if self._out or self._held else added.lstrip()

    def _remove(self, gap: str, sentence: Sentence) -> None:
        if self._gap is not None:
            gap = joined(self._out + self._held, self._gap, gap)
        self._gap = gap
        self._before_is_gone = True
        self._gone += sentence.states
        if sentence.code:
            self._fail(UNSUPPORTED, "it holds code that no answer supports")

    def _let_go(self) -> str:
        """What is held and may go out."""
        if not self._held or self._failure is not None or not stands(self._left, self._gone):
            return ""
        if not (self._typed or self._out) and self._left < OPENING:
            return ""
        agreeing = self._checks.agrees(self._out + self._held)
        if agreeing is False or (self._typed and agreeing is None):
            return ""
        held, self._held = self._held, ""
        self._out += held
        return held

    def _fail(self, code: str, why: str) -> None:
        if self._failure is None:
            self._failure = refused(self._out, code, why).failure
