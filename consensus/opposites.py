"""Words that turn a statement into its opposite by themselves, in English and Japanese.

Two tables. `VERDICTS` judge the whole statement (safe, unsafe): two such sentences in one text
contradict each other. `CONTRASTS` say which of two cases is meant (hot, cold): one text may well treat
both, two answers to one question may not.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

STEM_CHARS: Final = 6
"""Letters of a word that are compared: a stemmer's work, roughly (increase, increasing, increased)."""

_SHORTEST_PLURAL: Final = 4
"""Letters from which a final s is taken for an ending; not "gas", "is"."""

_VERDICTS_EN: Final = {
    "allow": "forbid prohibit ban",
    "accept": "reject refuse",
    "beneficial": "detrimental",
    "better": "worse",
    "best": "worst",
    "convict": "acquit",
    "correct": "incorrect wrong mistaken",
    "effective": "ineffective",
    "equal": "unequal",
    "faster": "slower",
    "gain": "lose",
    "guilty": "innocent",
    "harmless": "harmful",
    "healthy": "unhealthy",
    "heavier": "lighter",
    "higher": "lower",
    "hotter": "colder cooler",
    "increase": "decrease reduce diminish",
    "larger": "smaller",
    "legal": "illegal unlawful",
    "likely": "unlikely",
    "longer": "shorter",
    "necessary": "unnecessary needless",
    "older": "younger",
    "positive": "negative",
    "possible": "impossible",
    "present": "absent",
    "prime": "composite",
    "real": "unreal fake imaginary fictional fictitious",
    "related": "unrelated",
    "reliable": "unreliable",
    "rises": "falls decline dropped",
    "safe": "unsafe dangerous hazardous",
    "stronger": "weaker",
    "succeed": "fail",
    "true": "false untrue",
    "useful": "useless",
    "valid": "invalid",
}
_CONTRASTS_EN: Final = {
    "accelerate": "decelerate",
    "agree": "disagree",
    "alive": "dead",
    "ancient": "modern",
    "before": "after afterwards",
    "appear": "disappear vanish",
    "attract": "repel",
    "begin": "finish",
    "buy": "sell",
    "clockwise": "counterclockwise anticlockwise",
    "contract": "expand",
    "day": "night",
    "deep": "shallow",
    "early": "late",
    "eastern": "western",
    "east": "west",
    "easy": "difficult",
    "enter": "exit leave",
    "expensive": "cheap inexpensive",
    "external": "internal",
    "fast": "slow",
    "female": "male",
    "forward": "backward",
    "full": "empty",
    "high": "low",
    "hot": "cold",
    "improve": "worsen deteriorate",
    "include": "exclude",
    "inside": "outside",
    "inward": "outward",
    "large": "small tiny",
    "long": "short",
    "loose": "tight",
    "major": "minor",
    "majority": "minority",
    "more": "less fewer",
    "most": "least fewest",
    "maximum": "minimum",
    "natural": "artificial synthetic",
    "north": "south",
    "northern": "southern",
    "open": "closed shut",
    "public": "private",
    "remember": "forget",
    "rich": "poor",
    "strong": "weak",
    "thick": "thin",
    "upward": "downward",
    "voluntary": "involuntary mandatory compulsory",
    "warm": "cool",
    "wet": "dry",
    "wide": "narrow",
}
_VERDICTS_JA: Final = {
    "安全": "危険",
    "可能": "不可能",
    "増加": "減少",
    "増": "減",
    "上昇": "低下 下降",
    "上": "下",
    "正": "誤",
    "正当": "不当",
    "正解": "不正解",
    "正常": "異常",
    "有害": "無害",
    "有効": "無効",
    "有罪": "無罪",
    "勝利": "敗北",
    "勝": "負",
    "有利": "不利",
    "有料": "無料",
    "合法": "違法",
    "合格": "不合格",
    "必要": "不要 不必要",
    "適切": "不適切",
    "許可": "禁止",
    "賛成": "反対",
    "成功": "失敗",
    "肯定": "否定",
    "高": "低",
    "大": "小",
    "偶数": "奇数",
    "陽性": "陰性",
    "改善": "悪化",
    "促進": "抑制 阻害",
    "得": "損",
}
_CONTRASTS_JA: Final = {
    "拡大": "縮小",
    "拡張": "収縮",
    "過剰": "不足",
    "多": "少",
    "長": "短",
    "強": "弱",
    "早": "遅",
    "速": "遅",
    "重": "軽",
    "暑": "寒",
    "熱": "冷",
    "前": "後",
    "戦前": "戦後",
    "以前": "以後 以降",
    "午前": "午後",
    "食前": "食後",
    "左": "右",
    "東": "西",
    "南": "北",
    "内側": "外側",
    "内部": "外部",
    "最大": "最小",
    "最高": "最低",
    "最多": "最少",
    "最初": "最後",
    "以上": "以下 未満",
    "急性": "慢性",
    "良性": "悪性",
    "動脈": "静脈",
    "吸気": "呼気",
    "男性": "女性",
    "直接": "間接",
    "公的": "私的",
    "固体": "液体",
    "単数": "複数",
    "過去": "未来",
    "開始": "終了",
    "プラス": "マイナス",
    "メリット": "デメリット",
}


_FORMS_EN: Final = {
    "accept": "acceptance",
    "after": "afterwards",
    "allow": "allowed allowing permit permits permitted permitting permissible",
    "ban": "banned banning bans",
    "begin": "began begun beginning",
    "buy": "bought buying",
    "fail": "failed failing failure",
    "fall": "fell fallen falling",
    "forbid": "forbade",
    "gain": "gained gaining win wins won winning",
    "include": "including",
    "legal": "lawful legally",
    "lose": "lost losing loses",
    "open": "opened opening",
    "reduce": "reducing",
    "refuse": "refusing",
    "rise": "rose risen rising",
    "sell": "sold selling",
    "succeed": "success successful successfully",
}
"""Inflected forms, and a synonym or two, whose letters do not begin like their base form's."""


class Flip(IntEnum):
    """What a word does to the sense of its sentence; true unless it does nothing."""

    NONE = 0
    VERDICT = 1
    CONTRAST = 2


def stem(word: str) -> str:
    """The part of a lower-case English word that is compared."""
    if len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return word[:STEM_CHARS]


_BASE: Final = {stem(form): base for base, forms in _FORMS_EN.items() for form in forms.split()}


def _by_stem(table: dict[str, str], flip: Flip) -> dict[str, tuple[str, Flip]]:
    return {stem(n): (stem(p), flip) for p, ns in table.items() for n in ns.split()}


def _by_word(table: dict[str, str], flip: Flip) -> dict[str, tuple[str, Flip]]:
    return {n: (p, flip) for p, ns in table.items() for n in ns.split()}


OPPOSITES: Final[dict[str, tuple[str, Flip]]] = {
    **_by_stem(_CONTRASTS_EN, Flip.CONTRAST),
    **_by_word(_CONTRASTS_JA, Flip.CONTRAST),
    **_by_stem(_VERDICTS_EN, Flip.VERDICT),
    **_by_word(_VERDICTS_JA, Flip.VERDICT),
}
"""By the negative one of two opposites, its stem or all of it: the plain one, and how it flips."""

TURNED: Final = frozenset(OPPOSITES)
"""The negative ones."""


def own_stem(word: str) -> str:
    """The stem of a lower-case English word, inflected forms as their base form."""
    own = stem(word.removesuffix("'s"))
    return stem(_BASE.get(own, own))


def plain(word: str) -> tuple[str, Flip]:
    """The stem of ``word``, or that of its opposite and how it flips where it is the negative one.

    Args:
        word: Lower-case; English or a run of Japanese characters of one script.
    """
    own = own_stem(word) if word.isascii() else word
    return OPPOSITES.get(own, (own, Flip.NONE))
