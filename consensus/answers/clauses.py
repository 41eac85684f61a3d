"""Which part of a plain sentence tells: without list numbers, asides, concessions and reasons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from consensus.answers.folding import has_japanese

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_SENTENCE_CHARS: Final = 1_000
"""A longer sentence is read from its end: what it comes to stands there."""

_LIST_NUMBER = re.compile(r"^[ \t]*(?:[-*•][ \t]+)?\(?\d{1,2}[.)](?=[ \t]+\S)", re.MULTILINE)
_ASIDE = re.compile(r"(?<=[^\s(+*/^=×-])(\s?)\([^()\n]{1,160}\)(?=[\s.,;:!]|$|[^\x00-\x7f])")
_CONCEDED = re.compile(
    r"^(?:although|though|even though|even if|while|whereas|despite|in spite of|contrary to|unlike)\b[^,]{1,160},\s"
    r"|^[^.;]{0,160}?\b(?:(?:might|may|could|would|often|commonly|sometimes|usually|mistakenly|people|many|some|easy to|tempting to)\s(?:\w+\s){0,2}?(?:think|say|guess|assume|believe|expect|suppose|confuse|mistake|name|picked?|answer|thought|believed|assumed|confused|mistaken)|tempting|tempted|popular belief)\b[^.;]{0,160}?[,;]?\s(?:but|yet|however|although|though)\b,?\s(?:in fact,?\s|actually,?\s|really,?\s)?",
    re.IGNORECASE,
)
_CONCEDING: Final = ("although", "though", "even", "while", "whereas", "despite", "in spite", "contrary", "unlike")  # fmt: skip
_TURNING: Final = ("but", "yet", "however", "though")
_CONTRASTING: Final = ("not ", "rather than", "instead of", "as opposed to")
"""Words one of which each pattern needs: looking for words costs next to nothing."""

_CONTRASTED = re.compile(
    r"(?:(?:,|\s-)\s(?:and\s|but\s)?not|,?\s(?:rather than|instead of|as opposed to))\s[^,.;]{1,80}(?=[,.;]|$)",
    re.IGNORECASE,
)
_NOT_BUT = re.compile(r"\bnot\s[^,.;]{1,60}?,?\s(?:but(?:\srather)?|it'?s|it is)\s", re.IGNORECASE)
_REASONING: Final = ("because", "since", "that", "to", "as")
"""A word of each beginning of `_REASON`."""

_REASON = re.compile(
    r"[,;:]?\s(?:because|since|given that|seeing that|due to|thanks to|as(?=\s(?:it|its|they|the|there|each|this|that|we|you|an?|he|she|\d)\b))\b.*$",
    re.IGNORECASE | re.DOTALL,
)
_CONCEDED_JA = re.compile(
    r"^.{1,160}?(?:(?:です|ます|した|せん|ない|だ|る|た|い)(?:が|けれども?|けど)|ものの|に対し(?:て)?|とは違って|ではなく(?:て)?|じゃなく(?:て)?|と思いきや|のに)、?(?=.)",
    re.DOTALL,
)
_REASON_JA = re.compile(
    r"^.{1,200}(?:ので|ため(?:に)?|ことから|(?:です|ます|だ|る|た|い)から|おかげで|ことで)、",
    re.DOTALL,
)
_EXPLAINS = re.compile(
    r"^(?:because|since|as|note|recall|check|for (?:example|instance|comparison|reference)|remember|in comparison|to (?:check|verify|see)|this is because)\b(?!.*,\s)",
    re.IGNORECASE | re.DOTALL,
)
_EXPLAINS_JA = re.compile(
    r"(?:から|ため|ので)(?:です|だ|である)[。.\s]*$|^(?:なぜなら|というのも|ちなみに|なお|例えば|たとえば|検算|参考)"
)

_FINDS = r"(?:gives?|gave|giving|leaves?|left|leaving|makes?|made|making|yields?|yielding|totals?|totall?ing|equals?|equall?ing|brings?|bringing|means?)"
_CONCLUDES = re.compile(
    rf"\b(?:so|therefore|thus|hence|consequently|accordingly|altogether|in total|in all|overall|finally|in conclusion|in the end"
    rf"|(?:that|which|this|it)(?:'s| is| are| was| would be| comes to| {_FINDS})|{_FINDS}"
    r"|for a total of|results? in|resulting in|com(?:es?|ing) (?:out )?(?:to|at)|adds? up to|amounts? to|works? out (?:to|at|as)|arrives? at|(?:we|i|you|they) (?:get|obtain|find|have|reach)|becomes?|ends? up with|(?:is|are) left with)\b"
    r"|=>|→|⇒|∴",
    re.IGNORECASE,
)
_CONCLUDES_JA = re.compile(
    r"つまり|したがって|従って|よって|ゆえに|故に|すなわち|だから|ですから|以上(?:より|から)|結局|結果(?:として|は)?|合わせて|あわせて|合計(?:する)?(?:で|は|と|すると)?|全部で|総計|差し引き|残りは|解くと|求めると|計算すると|すると|(?:足|引|割|掛|か|差し引)(?:す|く|る|け|ける|いて|して|って|けて)(?:と)?、?|(?:ので|から|ため)、|となり、|になり、"
)


def items(text: str) -> str:
    """The text with the numbers of its list items blanked out, each position kept.

    A lone number before a full stop is no list, but may be the answer.
    """
    # One on each of two lines makes a list.
    if "\n" not in text or len(_LIST_NUMBER.findall(text)) < 2:  # noqa: PLR2004
        return text
    return _LIST_NUMBER.sub(lambda match: " " * len(match[0]), text)


def told(sentence: str) -> str:
    """What a sentence says itself: what it concedes, excludes or adds in brackets left out."""
    sentence = sentence[-MAX_SENTENCE_CHARS:]
    if "(" in sentence:
        sentence = _ASIDE.sub(r"\1", sentence)
    if has_japanese(sentence):
        return _CONCEDED_JA.sub("", sentence)
    sentence = sentence.strip()
    low = sentence.lower()
    if low.startswith(_CONCEDING) or any(word in low for word in _TURNING):
        sentence = _CONCEDED.sub("", sentence, count=1)
    if not any(word in low for word in _CONTRASTING):
        return sentence
    contrast = _NOT_BUT.search(sentence)
    if contrast:
        return sentence[: contrast.start()] + sentence[contrast.end() :]
    return _CONTRASTED.sub("", sentence)


def without_reason(sentence: str, tells: Callable[[str], object]) -> str:
    """The sentence without the reason it gives before or behind, if the rest still tells.

    Args:
        sentence: One sentence.
        tells: Whether a part holds what is looked for.
    """
    if not has_japanese(sentence):
        low = sentence.lower()
        if len(sentence) >= MAX_SENTENCE_CHARS or not any(word in low for word in _REASONING):
            return sentence
        shorter = _REASON.sub("", sentence)
        return shorter if shorter != sentence and tells(shorter) else sentence
    shorter = _REASON_JA.sub("", sentence)
    return shorter if shorter and tells(shorter) else sentence


def conclusion(sentence: str, tells: Callable[[str], object]) -> str | None:
    """What follows the last words of a sentence that conclude, None where nothing that tells does."""
    if sentence.isascii() and "=>" not in sentence and sentence.upper() == sentence.lower():
        return None  # without a letter
    found = list(_CONCLUDES.finditer(sentence))
    if has_japanese(sentence):
        found += _CONCLUDES_JA.finditer(sentence)
        found.sort(key=lambda match: match.end())
    for match in reversed(found[-8:]):
        rest = sentence[match.end() :]
        if tells(rest):
            return rest
    return None


def explains(sentence: str) -> bool:
    """Whether a sentence only gives a reason, a check or an example for what another says."""
    if _EXPLAINS.match(sentence):
        return True
    return not sentence.isascii() and _EXPLAINS_JA.search(sentence) is not None


def concludes(sentence: str) -> bool:
    """Whether a sentence begins by concluding: so, therefore, したがって."""
    match = _CONCLUDES.search(sentence[:24]) or _CONCLUDES_JA.match(sentence)
    return match is not None
