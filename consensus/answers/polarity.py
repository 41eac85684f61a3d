"""Yes or no: by word (Yes, いいえ, true, 誤り) or by what a sentence affirms or denies."""

from __future__ import annotations

import re
from typing import Final

from consensus.answers.folding import first_sentence, sentences

OPENING_CHARS: Final = 120
"""How far into a text its yes or no is looked for."""

_LEAD = r"^[*_`\"'「『(\[<>#.:\-$\s]{0,12}(?:well|so|ok|okay|then|the short answer(?: is)?|in short|short answer|結論から言うと|結論として|結論は)?[\s,:、*]{0,6}(?:(?:the|this|that) (?:statement|claim|assertion|sentence) is\s|(?:この|その)?(?:文|文章|記述|主張|命題)は)?"
_YES = re.compile(
    _LEAD
    + r"(?:(?:yes|yeah|yep|yup|true|correct|certainly|definitely|absolutely|indeed|of course|affirmative|no doubt|without a doubt|it (?:is|does|can|was|did|will)(?=[\s.!]*$)|they (?:are|do|can|were|did)(?=[\s.!]*$))\b(?! and no\b)"
    r"|はい|ええ(?=[、。\s]|$)|うん(?=[、。\s]|$)|そうです|その通り|正しい(?!とは|わけ)|真(?=[\s。でだ*]|$)|○|〇|可能(?:です|だ|$)|できます|あります|もちろん)"
)
_NO = re.compile(
    _LEAD
    + r"(?:(?:no(?! (?:one|matter|problem|doubt|\d))|nope|nah|false|incorrect|wrong|never|not (?:really|necessarily|exactly|at all|quite|always|true|correct|yet|in general|anymore)|negative|(?:absolutely|definitely|certainly|of course) not|it (?:is not|isn't|doesn't|does not|can't|cannot|wasn't|didn't)|they (?:are not|aren't|don't|do not|can't|cannot))\b"
    r"|いいえ|いえ(?=[、。\s]|$)|いや(?=[、。\s]|$)|違います|ちがいます|そうではありません|そうではない|正しくない|正しくありません|正しいとは|誤り|間違い|偽(?=[\s。でだ*]|$)|×|不可能|できません|ありません|必ずしも)"
)
_TURNED = re.compile(
    r"^[^.!?。\n]{1,60}?(?:,|\s-)\s(?:but |so |then )?(?P<word>yes|no)\b(?=[.,:;!]|\s-|$)"
    r"|^\W*(?:(?P<yes>(?:i|we) (?:do )?(?:think|believe|guess|suppose|would say) so\b|(?:that's|that is|this is|you're|you are) (?:right|correct|true)\b|そうだと思います|そう思います|そうですね)"
    r"|(?P<no>(?:i|we) (?:don't|do not) (?:think|believe) so\b|i doubt (?:it|that)\b|(?:that's|that is|this is) (?:not (?:right|correct|true|the case)|incorrect|wrong|false|a (?:common )?(?:myth|misconception))|(?:i'?d say|i would say) no\b|そうは思いません|そうとは言えません|そうとは限りません))"
)
_CLOSING = re.compile(
    r"(?:\bso|\btherefore|\bthus|\bhence|\bwhich means|\bin short|\boverall|(?P<ja>したがって|よって|つまり|結論(?:として|は|としては)?|ですから|なので))[,:、]?\s?(?:the answer is |it's |it is |a )?(?P<word>yes|no|はい|いいえ)(?:です|だ|となります|になります)?[\s.。!*]*$"
)
_CLOSING_CHARS: Final = 16
_HEDGE = re.compile(
    r"^\W*(?:yes and no|it depends|yes,? but (?:also )?no|partially|partly|maybe|perhaps|possibly|場合による|場合によ|一概に|どちらとも)"
)
_CLOSED = re.compile(
    r",? (?:because|since|as|although|though|but|so|which|when|if|due)\b.*|[;:(].*", re.DOTALL
)
_NEGATION = re.compile(
    r"\b(?:not|n't|no|never|cannot|neither|nor|without|none|unable|hardly|false|incorrect|impossible)\b|n't\b"
)
_WORD = re.compile(r"[a-z][a-z'-]*|\d+")
_STOP: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "do",
        "does",
        "did",
        "can",
        "could",
        "will",
        "would",
        "should",
        "shall",
        "may",
        "might",
        "must",
        "has",
        "have",
        "had",
        "it",
        "its",
        "it's",
        "this",
        "that",
        "these",
        "those",
        "there",
        "they",
        "them",
        "he",
        "she",
        "you",
        "we",
        "i",
        "your",
        "their",
        "his",
        "her",
        "of",
        "to",
        "in",
        "on",
        "at",
        "for",
        "from",
        "by",
        "with",
        "and",
        "or",
        "as",
        "so",
        "if",
        "then",
        "than",
        "very",
        "really",
        "actually",
        "indeed",
        "generally",
        "usually",
        "typically",
        "considered",
        "also",
        "still",
        "not",
        "n't",
        "no",
        "isn't",
        "aren't",
        "wasn't",
        "weren't",
        "don't",
        "doesn't",
        "didn't",
        "can't",
        "cannot",
        "won't",
        "shouldn't",
        "hasn't",
        "haven't",
        "any",
        "some",
        "all",
        "yes",
        "one",
    ]
)
_OPPOSITE_PREFIXES: Final = ("un", "in", "im", "il", "ir", "non-", "non", "dis")
_CONTENT_JA = re.compile(r"[一-龯々]+|[ァ-ヶー]{2,}|[a-z0-9]+")
_NO_JA = re.compile(
    r"(?:ません(?:でした)?|(?<!し)ない(?:です|と(?:言え|され|考え|思)[^。]{0,8})?|なかった(?:です)?|ではなく[^。]{0,20}|不可(?:能)?(?:です)?|禁止(?:です|されています)?|違法(?:です)?|誤り(?:です|である)?|間違い(?:です)?)[。!\s]*$"
)
_NOT_NO_JA = re.compile(
    r"(?:ないわけ|なければ|ねばな|かもしれ|に違いな|しかない|ないと(?:いけ|なら)|て?はいけない|過言ではない|問題(?:は)?(?:ない|ありません)|間違い(?:ない|ありません))"
)
_ANSWERING_JA = re.compile(r"^\W{0,4}(?:はい|いいえ|いえ|いや|ええ|うん)[、,。\s]*")
_YES_JA = re.compile(r"(?:です|ます|だ|である|る|た|た。|い)[。!\s]*$")


def polarity(content: str) -> bool | None:
    """Whether a text says yes or no in its first words; None when it says neither.

    Args:
        content: Folded, lower-case text.
    """
    opening = content.lstrip()[:OPENING_CHARS]
    if _HEDGE.match(opening):
        return None
    if _NO.match(opening):
        return False
    if _YES.match(opening):
        return True
    turned = _TURNED.match(opening)
    return None if turned is None else turned["word"] == "yes" or turned["yes"] is not None


def to_denial(content: str) -> bool | None:
    """Whether the matter holds by a Japanese answer to a question that denies it (行かないのですか).

    はい agrees with the denial, English "yes" contradicts it: so the predicate told behind counts, and
    a bare はい or いいえ, which people use both ways, is left undecided.
    """
    for sentence in sentences(content)[:2]:
        told = _ANSWERING_JA.sub("", sentence)
        if not told or _NOT_NO_JA.search(told):
            continue
        if _NO_JA.search(told):
            return False
        if _YES_JA.search(told) and len(told) > 2:  # noqa: PLR2004 - more than です
            return True
    return None


def closing(content: str) -> bool | None:
    """Whether a text ends by concluding yes or no: "…, so yes", "…。よって、いいえです。"."""
    if not any(word in content[-_CLOSING_CHARS:] for word in ("yes", "no", "はい", "いいえ")):
        return None
    found = _CLOSING.search(content[-OPENING_CHARS:])
    return None if found is None else found["word"] in {"yes", "はい"}


def affirmed(question: str, text: str) -> bool | None:
    """Whether a text affirms or denies what a question asks, without saying yes or no.

    It must say nothing but the question's own words ("It is not safe." to "Is it safe to eat?");
    anything more is left undecided.

    Args:
        question: Folded, lower-case question.
        text: Folded, lower-case answer.
    """
    told = sentences(text)
    for sentence in (*told[:1], *told[-1:]):
        told_so = (
            _affirmed_ja(question, sentence)
            if not sentence.isascii()
            else _affirmed_en(question, sentence)
        )
        if told_so is not None:
            return told_so
    return None


def _affirmed_en(question: str, sentence: str) -> bool | None:
    clause = _CLOSED.sub("", first_sentence(sentence))
    asked = {_stem(w) for w in _WORD.findall(question) if w not in _STOP}
    said = {_stem(w) for w in _WORD.findall(clause) if w not in _STOP}
    negated = len(_NEGATION.findall(clause)) % 2 == 1
    opposite = {
        w for w in said for p in _OPPOSITE_PREFIXES if w.startswith(p) and w[len(p) :] in asked
    }
    said -= opposite
    if not (said & asked or opposite) or said - asked:
        return None
    return negated == bool(opposite)


def _affirmed_ja(question: str, sentence: str) -> bool | None:
    said = set(_CONTENT_JA.findall(sentence))
    if not said or not any(word in question for word in said):
        return None
    if _NOT_NO_JA.search(sentence):
        return None
    if _NO_JA.search(sentence):
        return False
    return True if _YES_JA.search(sentence) and all(word in question for word in said) else None


def _stem(word: str) -> str:
    """The word without its ending: "swims" and "swimming" answer whether one can "swim"."""
    for ending in ("ing", "ed", "s"):
        if word.endswith(ending) and len(word) >= len(ending) + 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word
