"""Readers of answers in words: a name or short phrase, and several names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from consensus.answers import lists, number_readers, numbers, phrases
from consensus.answers.folding import folded, has_japanese, sentences, shown
from consensus.answers.kinds import AnswerKind, FinalAnswer
from consensus.answers.latex import plain
from consensus.answers.prose_phrases import phrase_in_prose
from consensus.answers.statement import Form

if TYPE_CHECKING:
    from consensus.answers.kinds import Question
    from consensus.answers.statement import Statement

_NAME_WORDS: Final = 4
"""A correction of more words is a remark, not a name; so is an item of a list."""

_NAME_CHARS_JA: Final = 16
_EDGES = " *_`\"'$\n"
_ARTICLE = re.compile(r"^(?:the|an?|その)\s", re.IGNORECASE)
_LISTING = re.compile(r"(?:\b(?:are|were|include|includes)\b|:|は)\s*(?=\S)")
_LISTED_FIRST = re.compile(r"\s(?:are|were)\s(?:the|all|both)\b|(?:が|は)(?:答え|正解|その)")
_ENDING_JA = re.compile(
    r"(?:の[2-9二三四五六七八九]つ)?(?:です|である|になります|となります|だ)?[。\s]*$"
)
_ASIDE = re.compile(r"\s*[(:–-]\s.*$|\s*\([^()]{1,80}\)$", re.DOTALL)


def phrase(question: Question, statement: Statement) -> FinalAnswer | None:
    """The name or short phrase a statement gives; a number or formula where it gives one."""
    if statement.form is Form.EXACT:
        return None
    if statement.form is Form.CORRECTION and len(statement.text.split()) > _NAME_WORDS:
        return None
    content = plain(folded(statement.text)).strip(_EDGES)
    if numbers.is_number(content):
        return number_readers.several(question, content) or numbers.number_in(
            content, question.unit
        )
    exact = numbers.without_solution(content) or numbers.formula(content)
    return exact or short_phrase(question, content)


def phrase_told(question: Question, text: str, _low: str) -> FinalAnswer | None:
    """The name or short phrase a text without markers tells."""
    content = plain(folded(text)).strip(_EDGES)
    if numbers.is_number(content):
        return number_readers.several(question, content) or numbers.number_in(
            content, question.unit
        )
    told = phrase_in_prose(folded(question.text).lower(), plain(folded(text)).strip())
    if told is None:
        return None
    return FinalAnswer(AnswerKind.PHRASE, phrases.canonical(told), shown(told))


def short_phrase(question: Question, content: str) -> FinalAnswer | None:
    """What a text adds to the question, if it is a number or a few words."""
    short = phrases.phrase(folded(question.text).lower(), content)
    if short is None:
        return None
    if short[-1:].isdecimal() and numbers.is_number(short):
        return numbers.number_in(short, question.unit)
    return FinalAnswer(AnswerKind.PHRASE, phrases.canonical(short), shown(short))


def names(question: Question, statement: Statement) -> FinalAnswer | None:
    """The names a statement lists, or the one it gives."""
    if statement.form in number_readers.WHOLE_ANSWERS:
        found = _listed(question, plain(folded(statement.text)))
        if found is not None:
            return found
    return phrase(question, statement)


def names_told(question: Question, text: str, _low: str) -> FinalAnswer | None:
    """The names a text without markers lists: as a whole, on lines of their own, or in a sentence."""
    said = plain(folded(text)).strip()
    told = sentences(said)
    if not told or len(said) > lists.MAX_CHARS * 2:
        return None
    if len(told) > 1:
        found = _listed(question, said)
        if found is not None:
            return found
    for sentence in (told[0], told[-1]):
        if _LISTED_FIRST.search(sentence):
            found = _listed(question, _LISTED_FIRST.split(sentence, maxsplit=1)[0])
        else:
            found = _listed(question, _LISTING.split(sentence)[-1])
        if found is not None:
            return found
    return None


def _listed(question: Question, content: str) -> FinalAnswer | None:
    content = _ENDING_JA.sub("", content) if has_japanese(content) else content
    return lists.names_listed(content, _item, ordered=question.ordered)


def _item(written: str) -> FinalAnswer | None:
    """One name of a list, without the remark behind it; None for what is no name."""
    name = _ARTICLE.sub("", _ASIDE.sub("", written.strip(_EDGES)).strip(_EDGES + ".。"))
    if not name:
        return None
    if numbers.is_number(name):
        return numbers.number_in(name, None)
    if len(name.split()) > _NAME_WORDS or (has_japanese(name) and len(name) > _NAME_CHARS_JA):
        return None
    return FinalAnswer(AnswerKind.PHRASE, phrases.canonical(name), shown(name))
