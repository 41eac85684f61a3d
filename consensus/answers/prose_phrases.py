"""The name or phrase that plain prose answers with: what its sentence says of the question's words."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

from consensus.answers import clauses, phrases, prose_phrases_ja
from consensus.answers.folding import has_japanese, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

_SENTENCES: Final = 2
"""How many sentences from the start, and from the end, are tried."""

_BARE_WORDS: Final = 2
"""So few words are no sentence."""

_MAX_SPLITS: Final = 6
"""At how many copulas or topics a sentence is taken apart."""

_HESITATION = re.compile(
    r"^(?:(?:well|so|sure|certainly|of course|yes|ok(?:ay)?|actually|in fact|indeed|historically|officially|today|currently|therefore|thus|hence|then|in short|specifically|technically|strictly speaking|to my knowledge|as far as i know|by (?:a wide margin|far|most accounts|all accounts)|in my (?:opinion|view)|i'?d (?:say|go with|answer|pick|choose)|i (?:would say|think|believe|guess)(?: that)?|i'?m (?:fairly |quite |pretty )?(?:sure|certain|confident)(?: that)?|that would be|this would be|it would be|that must be|it must be|you(?:'re| are) (?:looking for|thinking of))\b[,:]?\s)+",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"^(?:it|this|that|he|she|they|there|these|those|the answer)(?:'s|'re|\s(?:is|was|are|were))\s(?:called |named |known as |none other than |actually |indeed |simply |of course |probably |likely |the (?:famous |great |well-known )?)?(?=\S)",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:\w+(?:ed|en|wn|un|lt|pt|de|ne)\s)(?:\w+ly\s)?(?:by|in|at|from|on|to|near|as)\s",
    re.IGNORECASE,
)
_APPENDED = re.compile(
    r"\s*(?:;|:\s|\s-{1,2}\s|—|,\s(?:(?:who|which|where|when|whose|with|because|since|as|from|although|though|but|while|and (?:it|he|she|they|its|not)|so|located|founded|built|born|known|named|written|painted|published|one|its|his|her|their|also|at|in|on|near|not|after|before|having|being|just|about|roughly|\w+ing)\b|(?:the|a|an)\s[a-z]+)|\s(?:which|who|whose|because|since|where|as it|as they)\b).*$",
    re.IGNORECASE | re.DOTALL,
)
_DATED = re.compile(
    r"\s(?:in|on|around|during|between|from|since)\s(?:the\s)?(?:early\s|late\s|mid-?\s?)?\d.*$",
    re.IGNORECASE | re.DOTALL,
)
_COPULA = re.compile(
    r"(?:\s(?:is|are|was|were|became|remains|remained|would be|has been|must be))\s(?:called |named |known as |actually |indeed |officially |currently |still |generally |widely |probably |most likely |considered (?:to be )?)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_PROPER = re.compile(
    r"(?:[A-Z][\w'’.-]*|\d[\w.-]*)(?:\s(?:(?:of|de|da|van|von|the|di|du|la|le|al|bin|y|and)\s){0,2}(?:[A-Z][\w'’.-]*|\d[\w.-]*|I{1,3}\b))*"
)
_DENIED = re.compile(
    r"\b(?:is|are|was|were|has|have|did|do|does|can|could|would|will)(?:n't\b|\s(?:\w+\s)?(?:not|never)\b)",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\s(?:that|which|who|where)\s")
_DISOWNED = re.compile(
    r"\b(?:misconception|myth|misattributed|attributed|incorrectly|falsely|wrongly|mistakenly|claim(?:ed|s)?|no one|nobody|not|n't|never|neither|none|unknown|unclear|depends?)\b|n't\b|一説|諸説|不明|誤解|わかりません|分かりません|ありません|ではない",
    re.IGNORECASE,
)
"""Words of a sentence that name something without answering by it."""

_MYTH = re.compile(r"\b(?:misconception|myth|misattributed|incorrectly|falsely|wrongly)\b")
_NO_NAME: Final = frozenset(
    [
        "i",
        "you",
        "we",
        "he",
        "she",
        "it",
        "they",
        "far",
        "very",
        "many",
        "most",
        "nearly",
        "all",
        "some",
        "than",
        "more",
        "less",
        "few",
        "several",
        "only",
        "just",
        "never",
        "always",
        "often",
        "no",
        "not",
        "there",
        "you're",
        "i'm",
        "real",
        "one",
        "any",
        "every",
        "both",
        "such",
        "other",
        "others",
        "people",
    ]
)
_PREPOSITION = re.compile(r"\s(?:in|on|at|by|from|to|as|than|of|for|with)\b")
_POSSESSIVE = re.compile(r"['’]s$|['’]$")


def phrase_in_prose(question: str, text: str) -> str | None:
    """The phrase a text without markers answers with, None where its sentences leave that open.

    The first sentence that gives one counts, then the last ones: people name a thing and then say why.

    Args:
        question: Folded, lower-case question.
        text: Folded answer without LaTeX commands.
    """
    told = sentences(clauses.items(text))
    asked = {_POSSESSIVE.sub("", w.lower()) for w in _WORD.findall(question)} | phrases.STOP
    for sentence in dict.fromkeys((*told[:_SENTENCES], *reversed(told[-_SENTENCES:]))):
        found = _of_sentence(question, asked, sentence)
        if found is not None:
            return found
    return None


def _of_sentence(question: str, asked: set[str], sentence: str) -> str | None:
    bold = phrases.only_bold(question, sentence)
    if bold is None and _MYTH.search(sentence):
        return None
    if bold is not None:
        return bold
    japanese = has_japanese(sentence)
    for main in _mains(sentence):
        found = prose_phrases_ja.phrase_of(question, main) if japanese else _english(asked, main)
        short = phrases.trimmed_phrase(found) if found else None
        if short is not None:
            return short
    return None


def _mains(sentence: str) -> Iterator[str]:
    """What a sentence says itself; of two clauses joined by "but", each."""
    main = clauses.told(sentence)
    yield main
    if main.count(", but ") == 1:
        yield from main.split(", but ")


def _english(asked: set[str], sentence: str) -> str | None:
    said = sentence.strip().rstrip(".!").strip()
    said = _HESITATION.sub("", said)
    pointing = _POINTING.match(said)
    body = _APPENDED.sub("", said)
    body = _DATED.sub("", body) or body
    if pointing and pointing.end() < len(body):
        return _named(_BY.sub("", body[pointing.end() :]), asked)
    if _DENIED.search(_RELATIVE.split(body, maxsplit=1)[0]):
        return None  # what it is not
    stated = _by_copula(body, asked)
    if stated is not None or _DISOWNED.search(body):
        return stated
    return body if _is_name(body) else _only_news(body, asked) or _only_name(body, asked)


def _by_copula(body: str, asked: set[str]) -> str | None:
    """The side of an "is" that does not repeat the question."""
    for copula in itertools.islice(_COPULA.finditer(body), _MAX_SPLITS):
        left, right = body[: copula.start()], body[copula.end() :]
        if not left or not right:
            continue
        news_left, news_right = bool(_news(left, asked)), bool(_news(right, asked))
        if news_left is news_right:
            # Both sides say something new: the subject is the one that has the question's words.
            news_left, news_right = _unasked(left, asked), _unasked(right, asked)
        if news_right and not news_left:
            return _named(_BY.sub("", right), asked)
        if news_left and not news_right:
            return left
    return None


def _only_news(body: str, asked: set[str]) -> str | None:
    """The one run of words the question does not have, unless it seems no noun."""
    news = phrases.only_news(body, asked)
    if news is None or news.split()[0].lower() in _NO_NAME:
        return None
    at = body.rfind(news)
    lower = news[0].islower()
    if lower and (news.endswith(("ed", "ing", "ly")) or _PREPOSITION.match(body, at + len(news))):
        return None
    return news


def _news(part: str, asked: set[str]) -> list[str]:
    return [w for w in _WORD.findall(part) if _POSSESSIVE.sub("", w.lower()) not in asked]


def _unasked(part: str, asked: set[str]) -> bool:
    """Whether a part repeats no content word of the question."""
    words = (_POSSESSIVE.sub("", w.lower()) for w in _WORD.findall(part))
    return not any(word in asked and word not in phrases.STOP for word in words)


def _named(part: str, asked: set[str]) -> str:
    """The only proper name in a longer part; the part itself where it is short or has none."""
    return part if len(part.split()) <= phrases.NAME_WORDS else _only_name(part, asked) or part


def _only_name(said: str, asked: set[str]) -> str | None:
    """The one proper name of a sentence that the question does not have."""
    names = [
        match[0]
        for match in _PROPER.finditer(said)
        if any(w[0].isalpha() for w in match[0].split())
        and _news(match[0], asked)
        and match[0].split()[0].lower() not in _NO_NAME
        and (match.start() > 0 or " " in match[0])  # any first word has a capital
    ]
    distinct = list(dict.fromkeys(names))
    return distinct[0].removesuffix("'s") if len(distinct) == 1 else None


def _is_name(said: str) -> bool:
    """Whether a sentence is but a name: few words, none but the first and small ones in lower case."""
    words = said.split()
    if not 0 < len(words) <= phrases.NAME_WORDS or words[0].lower() in _NO_NAME:
        return False
    return len(words) <= _BARE_WORDS or all(
        w[0].isupper() or w.lower() in phrases.STOP or not w[0].isalpha() for w in words[1:]
    )
