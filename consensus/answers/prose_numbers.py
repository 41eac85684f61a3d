"""The number that plain prose comes down to, where nothing marks the answer."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from consensus.answers import clauses
from consensus.answers.figures import has_quantity, number_asked, quantities
from consensus.answers.folding import folded, has_japanese, sentences
from consensus.answers.latex import plain
from consensus.answers.numbers import SHORT_CHARS, is_bare, is_number, number_in, quantity
from consensus.answers.numerals import WORDS
from consensus.answers.shares import has_part
from consensus.answers.units import in_unit

if TYPE_CHECKING:
    from consensus.answers.figures import Quantity
    from consensus.answers.kinds import FinalAnswer, Question

_PROSE_CHARS: Final = 1_500
"""How much of an answer's end is searched for an unmarked number."""

_QUESTION_CHARS: Final = 2_000
_QUESTIONS: Final = 64
"""Questions whose numbers are remembered: those under way, each asked of several vendors."""

_DIRECT_QUESTION_CHARS: Final = 120
"""A longer question tells a story, whose first step is not yet its answer."""

_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[a-z]+")
_BOLD = re.compile(r"\*\*([^*\n]{1,60})\*\*")
_THAN = re.compile(
    r"\s(?:is|are|was) (?:\w{1,20} ){0,3}than\b|(?<=[はが])\s?-?\d[\d.,]{0,20}よりも?"
)
_EQUATION = re.compile(r"[=≈≒]\s*(?=[^=≈≒]*\d[^=≈≒]*$)")
_STATED = re.compile(
    r"\b(?:is|are|was|were|be|equals?|costs?|cost|=)\s(?:exactly |about |approximately |only |just |therefore |also |roughly |around |then )?(?=[$€£¥-]?\s?\d)(?![$€£¥]?[\d.,]+%?\s(?:more|less|fewer|times|percent (?:more|less|of)|larger|smaller|of|[-+*/×])\b)"
)
_HEAD = re.compile(
    r"^(?:it|that|this|there|they)(?:'s| is| are| was| were| would be| will be| costs?| takes?)\s(?:\w+\s)?",
    re.IGNORECASE,
)
_ASKED_NOUN = re.compile(
    r"\bhow many (?:more |fewer |total |extra |additional |different |full |whole |of the )?([a-z]+(?: [a-z]+)?)"
)
_ASKED_COUNTER = re.compile(r"何\s?([^\x00-\x7fでをにかはがのと]{1,3})")
_ASKED_TOPIC = re.compile(
    r"([^\s、。,はがを]{1,10})(?:は|が)(?:全部で|合わせて|合計で?|それぞれ)?(?:何|いくつ|いくら)"
)
_HEADS_RIGHT: Final = 24
"""How far behind a number the noun it counts may stand."""


def number_in_prose(question: Question, text: str) -> FinalAnswer | None:
    """The number a text without markers answers with.

    A number alone at the head answers; else the last sentence counts that tells one rather than
    explains. In it, bold counts most, then what follows the last words that conclude, the right side of
    the last equation, what a copula states, the number that counts what is asked, and what is new.
    """
    told = plain(folded(text[-_PROSE_CHARS:]))
    if len(text) <= SHORT_CHARS and is_bare(told):
        answer = number_in(told, question.unit)
        if answer is not None:
            return answer
    told_sentences = sentences(clauses.items(told))
    direct = _direct(question, told_sentences) if len(text) <= _PROSE_CHARS else None
    if direct is not None:
        return direct
    found: FinalAnswer | None = None
    for whole in reversed(told_sentences):
        explains = clauses.explains(whole)
        if explains and found is not None:
            continue
        answer = _of_sentence(question, whole)
        if answer is not None and not explains:
            return answer
        found = found or answer
    return found


def _direct(question: Question, told: list[str]) -> FinalAnswer | None:
    """The number the first sentence gives at once, if no later one concludes anew."""
    if len(told) <= 1 or not has_quantity(told[0]):
        return None
    first = clauses.without_reason(clauses.told(told[0]), has_quantity)
    bare = _HEAD.sub("", first, count=1).strip(" *_.。!")
    if is_number(bare.removesuffix("です").removesuffix("になります")):
        return None if _concluded(told) else number_in(bare, question.unit)
    result = None if len(question.text) > _DIRECT_QUESTION_CHARS else _result(question, first)
    return None if result is None or _concluded(told) else result


def _result(question: Question, first: str) -> FinalAnswer | None:
    """The one new number of a sentence that has all numbers of the question."""
    if _few_numbers(first):
        return None
    asked = _asked(question)
    if len(asked) < 2:  # noqa: PLR2004 - arithmetic has two operands
        return None
    values = [q.value for q in quantities(first)]
    new = {value for value in values if value not in asked}
    return quantity(new.pop()) if len(new) == 1 and asked <= set(values) else None


def _few_numbers(first: str) -> bool:
    """Whether a sentence in words surely has fewer than three numbers: two operands and their result."""
    if not first.isascii() or _DIGIT.search(first):
        return False
    words = _LETTERS.findall(first.lower())
    return sum(word in WORDS for word in words) < 3 and not has_part(first)  # noqa: PLR2004


def _concluded(told: list[str]) -> bool:
    """Whether a sentence behind the first concludes with figures."""
    return any(_DIGIT.search(sentence) and clauses.concludes(sentence) for sentence in told[1:])


def _of_sentence(question: Question, whole: str) -> FinalAnswer | None:
    if not has_quantity(whole):
        return None
    if _wordless(whole):
        return _of_part(question, whole.strip())
    # "9.9 is bigger than 9.11", 9.9は9.11より大きい: the first is the answer.
    sentence = whole
    if "than" in whole or "より" in whole:
        sentence = _THAN.split(whole, maxsplit=1)[0]
        sentence = sentence if has_quantity(sentence) else whole
    bold = (
        [m[1] for m in _BOLD.finditer(sentence) if has_quantity(m[1])] if "**" in sentence else []
    )
    if bold:
        return number_in(bold[-1], question.unit)
    main = clauses.told(sentence)
    main = clauses.without_reason(main if has_quantity(main) else sentence, has_quantity)
    part = clauses.conclusion(main, has_quantity) or main
    return _of_part(question, part)


def _wordless(sentence: str) -> bool:
    """Whether a sentence is figures and signs alone, none of which says which of them tell."""
    return (
        len(sentence) <= clauses.MAX_SENTENCE_CHARS
        and sentence.isascii()
        and sentence.upper() == sentence.lower()
        and not any(map(sentence.__contains__, ("(", "**", "=>")))
    )


def _of_part(question: Question, part: str) -> FinalAnswer | None:
    equation = _EQUATION.search(part)
    if equation is not None:
        part = part[equation.end() :]
        return number_in(part, question.unit)
    found = quantities(part)
    if len(found) < 2:  # noqa: PLR2004 - one number needs no choice
        return number_in(part, question.unit)
    counted = _counting(question, part, found)
    if counted:
        found = counted
    stated = list(_STATED.finditer(part))
    if stated and not counted:
        behind = [q for q in found if q.start >= stated[-1].end() - 1]
        if behind:
            return _first(question, behind)
    if has_japanese(part):
        return _first(question, found[-1:])
    asked = _asked(question)
    new = [n for n, q in enumerate(found) if q.value not in asked]
    return _first(question, found[new[0] if new else len(found) - 1 :])


def _asked(question: Question) -> frozenset[object]:
    """The numbers the question itself has."""
    return _numbers_of(question.text[-_QUESTION_CHARS:])


@lru_cache(maxsize=_QUESTIONS)
def _numbers_of(text: str) -> frozenset[object]:
    return frozenset(q.value for q in quantities(folded(text)))


def _first(question: Question, found: list[Quantity]) -> FinalAnswer:
    return quantity(*number_asked(found, question.unit))


def _counting(question: Question, part: str, found: list[Quantity]) -> list[Quantity]:
    """The numbers that count what the question asks for: its unit, its noun, its counter."""
    if question.unit is not None:
        return _measuring(question.unit, found)
    asked = folded(question.text[-_QUESTION_CHARS:]).lower()
    if not has_japanese(part):
        nouns = _ASKED_NOUN.findall(asked)
        if not nouns:
            return []
        stems = {word[:5].rstrip("s") for word in nouns[-1].split()[:2]}
        low = part.lower()
        return [
            q
            for n, q in enumerate(found)
            if any(
                word[:5].rstrip("s") in stems
                for word in low[q.end : min(q.end + _HEADS_RIGHT, _next(found, n))].split()[:3]
            )
        ]
    counters = _ASKED_COUNTER.findall(asked)
    topics = _ASKED_TOPIC.findall(asked)
    if topics:
        at = max(part.rfind(topics[-1] + "は"), part.rfind(topics[-1] + "が"))
        behind = [q for q in found if at >= 0 and q.start > at]
        if behind:
            return behind[:1]
    return [q for q in found if counters and part.startswith(counters[-1], q.end)]


def _measuring(unit: str, found: list[Quantity]) -> list[Quantity]:
    """From the first number in the unit asked for, or the larger units just before it, on."""
    first = next((n for n, q in enumerate(found) if q.unit == unit), None)
    if first is None:
        return []
    while (
        first > 0
        and found[first].start - found[first - 1].end <= len(", and ")
        and _converts(found[first - 1], unit)
    ):
        first -= 1
    return found[first:]


def _converts(found: Quantity, unit: str) -> bool:
    return found.unit is not None and in_unit(Fraction(1), found.unit, unit) is not None


def _next(found: list[Quantity], n: int) -> int:
    return found[n + 1].start if n + 1 < len(found) else 1 << 30
