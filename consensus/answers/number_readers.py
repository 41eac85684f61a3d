"""Readers of answers in figures: one number, several of them, ratios, expressions of variables."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from consensus.answers import lists, numbers, shares
from consensus.answers.expressions import evaluated
from consensus.answers.folding import first_sentence, folded, key, shown
from consensus.answers.kinds import AnswerKind, FinalAnswer
from consensus.answers.latex import plain
from consensus.answers.prose_formulas import formula_in_prose, stated_formula
from consensus.answers.prose_numbers import number_in_prose
from consensus.answers.statement import Form

if TYPE_CHECKING:
    from consensus.answers.kinds import Question
    from consensus.answers.statement import Statement

WHOLE_ANSWERS: Final = frozenset({Form.WHOLE, Form.LINE})
"""Forms behind which an answer may be several, or own not to be one."""

ALONE_CHARS: Final = 160
"""Up to this length a text without marker may be nothing but a list or a formula."""

_EDGES = " *_`\"'$\n"
_OPERATED = re.compile(
    r"(?<!\\)!|\\(?:[dt]?binom|choose|[lr]floor|[lr]ceil|bmod|pmod|mod|gcd|lcm|max|min|sum|prod|int|lim|log|ln|lg)(?![A-Za-z])"
)
_OPERATED_PLAIN = re.compile(
    r"!(?!=)|binom|\\(?:choose|[lr]floor|[lr]ceil|bmod|pmod|mod|gcd|lcm|max|min|sum|prod|int|lim|log|ln|lg)(?![A-Za-z])"
)
_EQUALS = re.compile(r"(?<![<>!])[=≈]")
_WORDS_BEHIND = re.compile(r"\s{0,8}\\(?:text|mbox|mathrm)\s?\{[^{}\d]{0,60}\}\s{0,8}$")
_BETWEEN = re.compile(
    r"[\s*_]{0,8}(?:\$\$?([^$\n]{1,200})\$\$?|\\[(\[]([^$\n]{1,200}?)\\[)\]]|\$?\\(?:boxed|fbox)\s?\{([^$\n]{1,200})\}(?=[^{}]*$))"
)
_INLINE = re.compile(r"\$([^$\n]{1,120})\$")
_SIDES: Final = 2
_ROUND = str.maketrans("{}[]", "()()")
_ALL_REAL = re.compile(
    r"^(?:x ?(?:=|∈|in) ?)?(?:all real(?: numbers?)?|all reals|(?:すべて|全て)の実数|ℝ)\W*$"
)


def mathematics(statement: Statement) -> FinalAnswer | None:
    """The answer of a statement whose mathematics is more than a number and its unit: 10!, ⌊10.5⌋.

    Only a formula is read so, a box or what stands between dollar signs, for in prose "10!" is a
    ten said aloud. A formula that is not understood whole is the answer as it is written: its
    first number would be another.
    """
    whole = statement.form in WHOLE_ANSWERS
    written = statement.text if statement.boxed else _formula(statement.text) if whole else None
    if written is None or not _OPERATED.search(written):
        return None
    # In LaTeX "5!=120" is an equation: what is unequal is written \ne.
    formula = plain(_WORDS_BEHIND.sub("", folded(written).replace("!=", "! =")))
    sides = _EQUALS.split(formula.strip(_EDGES))
    said = sides[-1].strip()
    if len(sides) > _SIDES and "," in formula:
        return None
    if not _OPERATED_PLAIN.search(said):
        return numbers.number_in(said, None) if numbers.is_number(said) else None
    value = evaluated(said.translate(_ROUND))
    if value is not None:
        return numbers.quantity(value)
    found = numbers.mathematical(said)
    bare = key("".join(said.lower().split()))
    return found or FinalAnswer(AnswerKind.PHRASE, bare, shown(said))


def _formula(text: str) -> str | None:
    """The formula a text begins with, where what follows has no other number."""
    match = _BETWEEN.match(text)
    if match is None or any(character.isdecimal() for character in text[match.end() :]):
        return None
    return next(part for part in match.groups() if part is not None)


def _factorial(match: re.Match[str]) -> str:
    """The value of a formula with a factorial, in figures; other formulas as they are."""
    value = evaluated(plain(folded(match[1]))) if "!" in match[1] else None
    whole = isinstance(value, Fraction) and value.denominator == 1
    return str(value) if whole else match[0]


def plain_number(question: Question, statement: Statement) -> FinalAnswer | None:
    """The number a statement is, where it is figures alone; most statements of numbers are."""
    if question.unit == "ratio" or question.several or statement.form not in WHOLE_ANSWERS:
        return None
    return _rounded(question, numbers.plain_number(statement.text))


def number(question: Question, statement: Statement) -> FinalAnswer | None:
    """The number a statement gives, or the numbers or formula where it gives no single one."""
    found = mathematics(statement)
    if found is not None:
        return _rounded(question, found)
    content = plain(folded(statement.text)).strip()
    if statement.form in WHOLE_ANSWERS:
        whole = _whole(question, content)
        if whole is not None:
            return whole
    return _rounded(question, _one(question, statement, content))


def number_told(question: Question, text: str, _low: str) -> FinalAnswer | None:
    """The number a text without markers gives, or all of them where it is nothing but a list."""
    if "!" in text and "$" in text:
        text = _INLINE.sub(_factorial, text)
    if len(text) <= ALONE_CHARS:
        whole = _whole(question, plain(folded(text)).strip())
        if whole is not None:
            return whole
    return _rounded(question, number_in_prose(question, text))


def expression(question: Question, statement: Statement) -> FinalAnswer | None:
    """The formula a statement gives, or else its number."""
    more = mathematics(statement)
    if more is not None and (more.kind is not AnswerKind.EXPRESSION or "!" in more.text):
        return _rounded(question, more)
    if statement.form in WHOLE_ANSWERS:
        content = plain(folded(statement.text)).strip()
        if not question.equation or "=" not in content:
            several = numbers.without_solution(content) or _listed(question, content)
            if several is not None:
                return several
        said = first_sentence(statement.text.strip(_EDGES))
        found = stated_formula(said, equation=question.equation) or formula_in_prose(
            said, equation=question.equation
        )
        if found is not None:
            return found
    return number(question, statement)


def expression_told(question: Question, text: str, low: str) -> FinalAnswer | None:
    """The formula a text without markers ends with, or else its number."""
    found = formula_in_prose(text, equation=question.equation)
    return found or number_told(question, text, low)


def several(question: Question, content: str) -> FinalAnswer | None:
    """Several numbers, where a text is nothing else and the question asks for several things."""
    return _listed(question, content) if question.several else None


def _whole(question: Question, content: str) -> FinalAnswer | None:
    """What a text is as a whole when it is no single number."""
    said = content.strip(_EDGES).rstrip(".。 ")
    if "\\begin" in said:
        return numbers.mathematical(said)
    if question.unit == "ratio":
        return _ratio(said)
    if _ALL_REAL.match(said.lower()):
        return numbers.mathematical("ℝ")
    if question.equation and "=" in said and len(said) <= ALONE_CHARS:
        found = numbers.mathematical(said)
        if found is not None and found.kind is AnswerKind.EXPRESSION:
            return found
    roman = shares.roman(said) if len(said) > 1 or "roman" in question.text.lower() else None
    if roman is not None:
        return numbers.quantity(numbers.exact(roman))
    return numbers.without_solution(content) or _listed(question, content)


def _ratio(said: str) -> FinalAnswer | None:
    said = first_sentence(said)
    told = shares.proportion(said)
    if told is not None:
        return FinalAnswer(AnswerKind.PHRASE, told, told)
    found = shares.ratio(said)
    if found is None or len(said) > ALONE_CHARS:
        return None
    text = f"{found.numerator}:{found.denominator}"
    return FinalAnswer(AnswerKind.NUMBER, found, shown(text))


def _listed(question: Question, content: str) -> FinalAnswer | None:
    """Several numbers, or a mathematical answer of several parts, where the text is nothing else."""

    def item(written: str) -> FinalAnswer | None:
        if not numbers.is_number(written):
            return None
        return _rounded(question, numbers.number_in(written, question.unit))

    said = first_sentence(content[: lists.MAX_CHARS].strip(_EDGES))
    if numbers.is_one_measure(said):
        return None
    return lists.numbers_listed(said, item, ordered=question.ordered) or numbers.several(said)


def _one(question: Question, statement: Statement, content: str) -> FinalAnswer | None:
    if statement.form is Form.EXACT and not numbers.is_number(content.strip("*_` ")):
        return None
    return numbers.number_in(
        content,
        question.unit,
        last=statement.form is Form.BEFORE,
        only=statement.form is Form.CORRECTION,
    )


def _rounded(question: Question, answer: FinalAnswer | None) -> FinalAnswer | None:
    if answer is None or question.places is None or answer.kind is not AnswerKind.NUMBER:
        return answer
    return numbers.quantity(numbers.rounded(answer.value, question.places), answer.unit)
