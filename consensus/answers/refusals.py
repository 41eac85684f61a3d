"""Refusals: the vendor's model declines to answer, in English or Japanese."""

from __future__ import annotations

import re
from typing import Final

READ_CHARS: Final = 400
"""A refusal comes first; what is declined later on is a caveat."""

_REFUSES = re.compile(
    r"^\W{0,4}(?:(?:i'?m|i am) (?:really |very |so )?sorry|sorry|i apologi[sz]e|apologies|unfortunately|thank you[^.]{0,60}\.|i understand[^.]{0,80}[.,]|as an? (?:ai|language model|assistant)[^.,]{0,60},?)?"
    r"[\s,.;:]*(?:but\s|however,?\s)?(?:as an? (?:ai|language model|assistant)[^.,]{0,60},?\s)?"
    r"(?:i|we)(?:\s(?:really|simply|just))?\s?(?:can(?:not|'t| not)|(?:'m|\sam|are) (?:not able|unable|not allowed|not permitted|not comfortable|not going)|won't|will not|must (?:respectfully )?(?:decline|refuse)|(?:have|need) to (?:respectfully )?(?:decline|refuse)|(?:respectfully )?(?:decline|refuse)|don't feel comfortable)"
    r"(?:\s(?:to|with|in good conscience|ethically))?(?:\s\w+)?\s?(?:help|assist|provid|answer|comply|fulfil|discuss|creat|generat|writ|giv|do|shar|support|engag|continu|offer|produc|participat|respond|complet|accommodat|carry|tell|advis|facilitat|describ|explain|answering|that\b|this\b|$|[.,])"
    r"|^\W{0,4}(?:this|that|your) (?:request|question|content|prompt)[^.]{0,60}(?:violates|against|not something i can|goes against)"
)
_REFUSES_JAPANESE = re.compile(
    r"(?:申し訳|すみません|すいません|ごめん|恐れ入り|残念ながら|あいにく)[^。]{0,80}(?:できません|できかねます|いたしかねます|致しかねます|られません|ません|控えさせ|遠慮)"
    r"|(?:お答え|お応え|回答|お手伝い|ご協力|協力|提供|支援|対応)(?:を|は|する(?:こと)?(?:は|が))?(?:いた|致)?し?(?:控え|差し控え|できません|できかねます|いたしかねます|致しかねます|お断り)"
    r"|(?:ご?(?:依頼|質問|要求|要望|リクエスト))(?:に|には)(?:は)?(?:お)?(?:応え|答え|応じ|こたえ|対応)[^。]{0,14}(?:できません|られません|かねます|いません)"
)
_DECLINING_JAPANESE: Final = ("ません", "かねます", "控え", "遠慮", "お断り")
"""One of these is in every refusal; looking for them costs next to nothing."""

_OFFERS_ANSWER = re.compile(
    r"^[^.。]{0,160}(?:\bbut\b(?! (?:i|we) (?:can|could|would be|am|'m)\b)|\bhowever\b|ですが、|ますが、|が、一般)"
)
_CANNOT_KNOW = re.compile(
    r"\b(?:determin|definitive|certain|sure|know|verif|exact|confirm|calculat|solv|find)\w*\b|わかりません|分かりません|判断できません|特定できません"
)


def refuses(low: str) -> bool:
    """Whether an answer declines to answer, rather than saying that it does not know.

    Args:
        low: The folded answer in lower case.
    """
    head = low[:READ_CHARS]
    english = _REFUSES.match(head)
    match = english or (
        _REFUSES_JAPANESE.search(head)
        if not head.isascii() and any(word in head for word in _DECLINING_JAPANESE)
        else None
    )
    if match is None:
        return False
    around = head[match.start() : match.end() + 40]
    if _CANNOT_KNOW.search(around):
        return False
    # "I can't give legal advice, but generally the answer is yes" answers after all.
    tail = head[match.end() :]
    return not (_OFFERS_ANSWER.match(tail) and len(low) > READ_CHARS)
