"""The noun a Japanese sentence answers with: what は, が or a cleft says of the question's words."""

from __future__ import annotations

import itertools
import re
from typing import Final

from consensus.answers import clauses
from consensus.answers.folding import unwrapped

_MAX_SPLITS: Final = 6
"""At how many topics a sentence is taken apart."""

_DENIED = re.compile(r"(?:では|じゃ)(?:ない|ありません|なかった)")
_QUOTED = re.compile(r"[「『]([^「」『』]{1,40})[」』]")
_ENDING = re.compile(
    r"(?:(?:なの|だと|であると|と|かと)?(?:思い(?:ます)?|思われ(?:ます|ています)?|され(?:ます|ています|ている)|考えられ(?:ます|ています|ている)|言われ(?:ます|ています|ている)|いわれ(?:ます|ています)|いい(?:ます)?|言い(?:ます)?|呼ばれ(?:ます|ています|ている)|いう|言えます|いえます|みなされ(?:ます|ています))|です|でした|でしょう|だろう|だった|であった|であり|である|ではないでしょうか|ではないか|になります|になりました|となります|となりました|にあたります|に当たります|にあります|が正解です|だ)?(?:よね|よ|ね|か|な)?[。.!\s]*$"
)
_ENDING_CHARS: Final = 24
"""The longest ending is looked for in so many last characters."""

_FILLER = re.compile(
    r"^(?:はい|ええ|それは|これは|もちろん|実は|実際(?:に)?は|正確には|正しくは|おそらく|たぶん|恐らく|確か|一般(?:的)?に(?:は)?|現在(?:は|の)?|ご存じの通り|結論から(?:言うと|言えば)|私の知る限り(?:では)?)、?"
)
_CLEFT = re.compile(r"^.{1,80}?(?:のは|のが|のは、)、?(?=.)", re.DOTALL)
_TOPIC = re.compile(r"(?<=.)(?:とは|というのは|では|には|は|が)、?(?=.)")
_GOES_ON = re.compile(r"(?:で(?:あり|して)?|といい|と言い|と呼ばれ)、")
_OF_WORK = re.compile(
    r"(?:の(?:作(?:品)?|著作|著書|手(?:に)?|発明|発見|設計|名作|作曲|代表作|ひとつ|一つ)|という(?:人物|人|都市|街|町|国|山|川|名前|会社|言葉|もの)|氏|さん|によるもの|によって(?:書|作|描|建て|設計|発明|発見)[^、。]{0,8}|(?:が|の)(?:書いた|作った|描いた|発明した|発見した|建てた|設計した|作曲した)(?:もの|作品|小説|曲|絵)?)$"
)
_MODIFIED = re.compile(
    r"^.{2,40}?(?:[にをでがへとも]|から|まで|より)[^、。]{0,14}?(?:た|る|う|く|つ|ぶ|む|だ|な|い)(?=[一-龯々ァ-ヶA-Za-z])"
)
_VERBAL = re.compile(
    r"(?:ます|ました|ません|ています|ていた|ている|していた|された|される|られる|られた|しい|ください|たい|ない|かった|だった|った|である|でした|です)$"
)
_CONTENT_JA = re.compile(r"[一-龯々]+|[ァ-ヶー]{2,}|[A-Za-z0-9]+")
_ADVERBS_JA: Final = 6
"""How many characters of a topic may be new and still be no more than an addition to the question's."""


def phrase_of(question: str, sentence: str) -> str | None:
    """The noun a sentence answers with, None where it names none or says what it is not.

    Args:
        question: Folded, lower-case question.
        sentence: One folded sentence without concessions.
    """
    if _DENIED.search(sentence):
        return None
    said = _FILLER.sub("", sentence.strip())
    shorter = said[:-_ENDING_CHARS] + _ENDING.sub("", said[-_ENDING_CHARS:], count=1)
    said = shorter if shorter.strip() else said
    quoted: list[str] = [q for q in _QUOTED.findall(said) if q not in question]
    cleft = _CLEFT.match(said)
    if cleft:
        return _core(question, said[cleft.end() :])
    for topic in itertools.islice(_TOPIC.finditer(said), _MAX_SPLITS):
        left, right = said[: topic.start()], said[topic.end() :]
        known_left, known_right = _known_ja(question, left), _known_ja(question, right)
        if known_left and right and not known_right:
            return _core(question, _GOES_ON.split(right, maxsplit=1)[0])
        if known_right and not known_left:
            return _core(question, left)
    if len(set(quoted)) == 1:
        return quoted[0]
    return _core(question, said)


def _known_ja(question: str, part: str) -> bool:
    """Whether a part only repeats the question, but for a small addition."""
    words = _CONTENT_JA.findall(part.lower())
    known = [word for word in words if word in question]
    return bool(known) and sum(map(len, words)) - sum(map(len, known)) <= min(
        _ADVERBS_JA, sum(map(len, known)) // 2
    )


def _core(question: str, said: str) -> str | None:
    """The noun a clause comes down to: without what modifies it, or what its maker made."""
    said = clauses.without_reason(said.strip("、 "), _CONTENT_JA.search).strip("、 ")
    said = said.rsplit("、", 1)[-1]
    said = unwrapped(_OF_WORK.sub("", said))
    modified = _MODIFIED.match(said)
    if modified and modified.end() < len(said):
        said = said[modified.end() :]
    said = _OF_WORK.sub("", said)
    words = _CONTENT_JA.findall(said.lower())
    if _VERBAL.search(said) or not said or (words and all(word in question for word in words)):
        return None
    return said
