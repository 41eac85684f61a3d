"""What a text brings that was not said before: numbers, names, steps, errors pointed out.

A change of mind that rests on something new is worth another look; one that rests on nothing but the
others' answers adds no support to them. What is new is told by the text alone, the same for English and
Japanese, against all that was said before:

    number   a number nobody wrote before
    name     a name, or a Japanese term, nobody wrote before
    step     an equation nobody wrote before and that holds, or a reason with several new words
    error    a sentence that says of something in particular that it is wrong or was left out

A sentence that appeals to what others think ("most answers say 42") brings nothing, whatever stands in
it; nor does one that says again what one sentence said before, nor one that only speaks of answering
("I checked my calculation again").

This is a reading of wording, with lists set by hand. It errs towards evidence: a model that invents a
number has brought a new one.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import TYPE_CHECKING

from consensus.arithmetic import false_equations
from consensus.sentences import clipped
from consensus.statements import content_words, overlap, statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.statements import Statement


class Evidence(StrEnum):
    """A kind of new evidence; the module's docstring defines each."""

    NUMBER = "number"
    NAME = "name"
    STEP = "step"
    ERROR = "error"


SAID_BEFORE = 0.8
"""Dice's coefficient of words and numbers from which a sentence says again what another said."""

STEP_WORDS = 3
"""New content words that make a reason a step of its own; fewer are another wording."""

ERROR_WORDS = 2
"""Content words, besides those of erring itself, that say what the error is."""

MAX_KNOWN = 64
"""Earlier texts that are read, the latest: eight providers over five rounds, with their remarks."""

_APPEAL = re.compile(
    r"\b(?:majority|consensus|everyone|everybody|the others|other (?:answer|model|position|respon)\w*|"
    r"(?:most|all|several|both|two|three) (?:of the )?(?:other )?(?:answer|model|position|respon)\w*|"
    r"(?:position|answer) \d)\b|多数|大半|全員|(?:他|ほか)の(?:回答|モデル|立場|意見)|(?:立場|回答)\s*\d",
    re.IGNORECASE,
)
_TALK = """
agree agreed agreement disagree check checked checking recheck rechecked review reviewed reviewing
reconsider reconsidered reconsidering reconsideration consider considered careful carefully revise revised correct
corrected correction change changed changing mind keep kept hold stand position positions answer answers
result results reply replies response conclusion conclude concluded calculation calculations calculate
calculated compute computed reasoning reason think thought believe seem seems find found fact sound sounds
convincing convinced persuasive model models question say says said state states right true
error errors mistake mistakes mistaken wrong wrongly incorrect incorrectly earlier previous previously initial
initially first step steps made make evidence new none point points indeed apologize apologise sorry now again
回答。解答。結論。再考。再検討。検討。確認。再確認。計算。再計算。結果。意見。立場。質問。根拠。理由。推論。
正解。正確。同意。賛成。変更。修正。訂正。間違。誤。最初。以前。先。改。新。事実。指摘。納得。妥当。適切。正。考。答。
モデル。ミス。エラー。ポイント。チェック。
"""
"""Words of answering, checking and conceding: alone they say nothing of the matter."""

_REASON = re.compile(
    r"\b(?:because|since|as|so|therefore|thus|hence|given that|which means|implies|if|when)\b|[=＝]|"
    r"ため|ので|(?:だ|です|ます|ある|いる)から|したがって|よって|なぜなら|つまり|すると|ならば|れば"
)
_ERROR = re.compile(
    r"\b(?:errors?|mistak\w*|mistook|wrong\w*|incorrect\w*|overlook\w*|forg[eo]t\w*|misread\w*|"
    r"mis(?:count|calculat|understood|interpret|remember|appl|plac)\w*|double[- ]count\w*|twice|confus\w*|"
    r"omit\w*|left out|leaves out|neglect\w*|ignor\w*|fail(?:s|ed) to|should have|had not|hadn't|had \w+ed|off by)\b|"
    r"誤|間違|見落と|忘れ|取り違え|混同|勘違い|二重|ミス|てしま[いっ]|抜けて|抜かして|数え漏|考慮して(?:い)?な|含めて(?:い)?な"
)
_LATIN = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’-]*")
_TERM = re.compile(r"[ァ-ヴー]{3,}|[一-龯々]{3,}")
_REDONE = tuple("再最一二三四五六七八九十百千万")
"""Begin terms of doing again, of coming last and of counting, such as 再計算, 最終的 and 一度引: no names."""

_SUM = r"[$¥]?\d[\d.,]*(?:\s*[-+*/×÷−]\s*[$¥]?\d[\d.,]*){1,20}"
_EQUATION = re.compile(
    rf"(?<![\d.,])(?P<sum>{_SUM})\s*=\s*(?P<value>[$¥−-]?\d[\d.,]*)(?!\s*[-+*/×÷−]\s*\d)|"
    rf"(?<![\d.,])(?P<told>[$¥]?\d[\d.,]*)\s*=\s*(?P<as>{_SUM})"
)
"""A sum and its value, whichever comes first; as long as equations in prose are."""

_TALK_WORDS = content_words(statements(_TALK))


def new_evidence(
    said: str, known: Sequence[str], finals: Sequence[str] = ()
) -> tuple[Evidence, ...]:
    """The kinds of evidence in ``said`` that ``known`` has not, in the order of `Evidence`.

    Args:
        said: A reply, with what its author remarked on it; as `consensus.statements` clips it.
        known: All that was written before: the question, the answers, the remarks. More of it never
            makes for more evidence.
        finals: Final answers already given: to name one is no reason for it.
    """
    before = _Known(known[-MAX_KNOWN:], finals)
    found: set[Evidence] = set()
    for statement in statements(said):
        if not _APPEAL.search(statement.text) and not before.has(statement):
            found |= before.lacks(statement)
    return tuple(kind for kind in Evidence if kind in found)


class _Known:
    """All that was said before, read once."""

    def __init__(self, texts: Sequence[str], finals: Sequence[str]) -> None:
        self._statements = [s for text in texts for s in statements(text)]
        self._content = [s.words | s.numbers for s in self._statements]
        self._text = "\n".join(clipped(text) for text in texts).casefold()
        self._latin = frozenset(_LATIN.findall(self._text))
        self._equations = frozenset(
            equation for text in texts for equation in _equations(clipped(text))
        )
        self._words: frozenset[str] = frozenset().union(*(s.words for s in self._statements))
        self._numbers: frozenset[str] = frozenset().union(*(s.numbers for s in self._statements))
        self._finals = content_words(tuple(s for final in finals for s in statements(final)))

    def has(self, statement: Statement) -> bool:
        """Whether one sentence said the same, numbers included."""
        content = statement.words | statement.numbers
        return any(
            statement.numbers <= known.numbers and overlap(content, all_of_it) >= SAID_BEFORE
            for known, all_of_it in zip(self._statements, self._content, strict=True)
        )

    def lacks(self, statement: Statement) -> set[Evidence]:
        """What this sentence brings."""
        matter = statement.words - _TALK_WORDS - self._finals
        numbers = statement.numbers - self._finals
        found = set()
        if numbers - self._numbers and (matter or "=" in statement.text):
            found.add(Evidence.NUMBER)
        if self._new_names(statement.text):
            found.add(Evidence.NAME)
        if self._is_step(statement.text, matter):
            found.add(Evidence.STEP)
        if _ERROR.search(statement.text.lower()) and (numbers or len(matter) >= ERROR_WORDS):
            found.add(Evidence.ERROR)
        return found

    def _is_step(self, text: str, matter: frozenset[str]) -> bool:
        new = _equations(text) - self._equations
        if new and not false_equations("\n".join(new)):
            return True
        return len(matter - self._words) >= STEP_WORDS and _REASON.search(text.lower()) is not None

    def _new_names(self, text: str) -> bool:
        # The first word of a sentence is written large whatever it is.
        latin = _LATIN.findall(text)[1:]
        if any(self._is_new_name(word) for word in latin):
            return True
        return not text.isascii() and any(
            term.casefold() not in self._text
            and not term.startswith(_REDONE)
            and not content_words(statements(term)) <= _TALK_WORDS | self._finals
            for term in _TERM.findall(text)
        )

    def _is_new_name(self, word: str) -> bool:
        if not word[0].isupper() or len(word) < 2:  # noqa: PLR2004 - "I" names nobody
            return False
        low = word.casefold()
        return low not in self._latin and not (
            content_words(statements(low)) <= _TALK_WORDS | self._finals
        )


def _equations(text: str) -> frozenset[str]:
    """The equations of a text between plain numbers, each as "sum = value" without commas."""
    return frozenset(
        " ".join(f"{found['sum'] or found['as']} = {found['value'] or found['told']}".split())
        .replace(",", "")
        .rstrip(".")
        for found in _EQUATION.finditer(unicodedata.normalize("NFKC", text))
    )
