"""Answers that own to having none: "I don't know", "cannot be determined", 分かりません."""

from __future__ import annotations

import re
from typing import Final

from consensus.answers.folding import first_sentence, sentences

MAX_STATED_CHARS: Final = 200
"""A longer statement says more than that nothing is known."""

MAX_ALONE_CHARS: Final = 400
"""Up to this length a text that begins by not knowing says nothing else."""

_FOUND = r"(?:determin|answer|calculat|comput|know|found|find|establish|verif|solv|ascertain|deduc|inferr?|conclud|tell|said|say|select|confirm|provid|giv|definitiv|identif)\w*"
_BEGINS = re.compile(
    rf"^\W{{0,4}}(?:(?:sorry|unfortunately|honestly|therefore|thus|so|hence|well)\W{{1,3}}(?:but\s)?)*(?:"
    rf"(?:it|this|that|(?:the )?(?:\w+ ){{0,3}}(?:answer|value|result|question|problem|number|amount|total))?\s?(?:cannot|can't|can not|could not|couldn't) be (?:\w+ly )?{_FOUND}"
    rf"|(?:i|we|you|one)(?:\s(?:really|simply|just|honestly))? (?:do not|don't|cannot|can't|can not|could not|couldn't) (?:\w+ly )?(?:know|determine|tell|say|answer|calculate|find|be (?:sure|certain)|remember|recall)\b"
    r"|(?:i|we)(?:'m|'re| am| are) (?:not (?:sure|certain|aware)|unsure|uncertain|unable to (?:\w+ly )?(?:determine|answer|tell|say|find|calculate))"
    r"|cannot (?:be )?(?:determine|solve|answer|calculate|find)d?\b"
    r"|(?:there is |there's |there isn't |we have |i have )?(?:not enough|insufficient|too little|inadequate) (?:information|data|context|detail)"
    r"|(?:the )?(?:information|data|context) (?:given |provided )?is (?:not enough|insufficient|not sufficient)"
    r"|(?:it is |it's |this is )?(?:impossible|not possible) (?:for me )?to (?:\w+ly )?(?:determine|tell|say|answer|know|calculate|find|select)"
    r"|(?:it is |it's |the answer is )?(?:un|in)determin(?:ed|ate|able)\b"
    r"|(?:it is |it's |the answer is )?(?:unknown|not known|not determinable)\b|unclear\W*$|i have no idea|no idea\b"
    r"|(?:the )?(?:provided|given|supplied) (?:text|context|passage|question|problem|answer|information)[^.]{0,40} (?:does not|doesn't|do not|is (?:incomplete|insufficient))"
    r")"
)
_BEGINS_JA = re.compile(
    r"^[\s\W]{0,4}(?:(?:申し訳|すみません|残念)[^。]{0,30}[、。,])?[^。]{0,40}?"
    r"(?:(?:分か|わか|判)(?:りません|らない|りかねます)|存じません|知りません|(?:判断|特定|断定|決定|計算|確定|判定)(?:が|は|することが|することは)?(?:でき(?:ません|ない)|つき(?:ません|かねます)|不可能|困難)|(?:情報|条件|データ)が(?:不足|足り|不十分)|求め(?:られません|ることができません|ることはできません)|不明(?:です|である|。|$))"
)
_WITHHELD = re.compile(
    rf"(?:cannot|can't|could not|impossible to|unable to|not possible to) (?:be )?(?:\w+ly )?(?:provide|give|select|determine|choose|pick|identify|answer)[^.]{{0,60}}\b(?:answer|option|choice|question|value|solution)"
    rf"|(?:not enough|insufficient) (?:information|data|context)|cannot be (?:\w+ly )?{_FOUND}"
    r"|(?:判断|特定|断定|決定)(?:が|は)?でき(?:ません|ない)|(?:分か|わか)りません"
)
_ANSWERED_AFTER_ALL = re.compile(
    r"\b(?:but|however|although|though|guess|estimate|likely|probably|perhaps|maybe|assuming|if we assume|approximately|around|roughly|best)\b"
    r"|ただし|しかし|おそらく|恐らく|たぶん|多分|ですが|ますが|ませんが|と思います|推測|仮定"
)


def admits(statement: str) -> bool:
    """Whether a stated answer, alone, says that there is none to be told.

    Args:
        statement: Folded, lower-case text behind a marker or in an answer field.
    """
    said = first_sentence(statement[: MAX_STATED_CHARS * 2].strip())
    if len(said) > MAX_STATED_CHARS:
        return False
    return _begins(said) and not _ANSWERED_AFTER_ALL.search(said)


def alone(low: str) -> bool:
    """Whether a short text does nothing but say that it does not know."""
    said = low.strip()
    return len(said) <= MAX_ALONE_CHARS and _begins(said) and not _ANSWERED_AFTER_ALL.search(said)


def withheld(low: str) -> bool:
    """Whether prose in which no answer was found begins or ends by saying that there is none."""
    told = sentences(low)
    if not told:
        return False
    return _begins(told[0]) or any(_begins(s) or _WITHHELD.search(s[:400]) for s in told[-2:])


def _begins(said: str) -> bool:
    if _BEGINS.match(said):
        return True
    return not said.isascii() and _BEGINS_JA.match(said) is not None
