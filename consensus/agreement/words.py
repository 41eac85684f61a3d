"""Puts into words why two answers agree or differ, in English and Japanese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consensus.agreement.likeness import EntailmentUse, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

_EN: Final[Mapping[Reason, str]] = {
    Reason.SAME_FINAL: "their final answers are equal",
    Reason.OTHER_FINAL: "their final answers differ",
    Reason.TOLD_IN_THE_OTHER: "one contains what the other answers",
    Reason.DENIED_IN_THE_OTHER: "one denies what the other answers",
    Reason.OTHER_KIND: "they answer with different kinds of things",
    Reason.OTHER_POLARITY: "one says yes, the other no",
    Reason.NEGATED_CLAIM: "one negates what the other claims",
    Reason.OPPOSITE_WORDS: "they claim opposite things",
    Reason.OTHER_NUMBERS: "they give different numbers for the same thing",
    Reason.OTHER_NAMES: "they name different things",
    Reason.ENTAILED: "one follows from the other",
    Reason.CONFLICTING: "they cannot both be right",
    Reason.NEITHER: "neither follows from the other nor contradicts it",
    Reason.ALIKE_IN_WORDING: "they say it in similar words",
    Reason.UNLIKE_IN_WORDING: "they have little in common",
}
_JA: Final[Mapping[Reason, str]] = {
    Reason.SAME_FINAL: "最終的な答えが同じです",
    Reason.OTHER_FINAL: "最終的な答えが異なります",
    Reason.TOLD_IN_THE_OTHER: "一方がもう一方の答えを含んでいます",
    Reason.DENIED_IN_THE_OTHER: "一方がもう一方の答えを否定しています",
    Reason.OTHER_KIND: "答えの種類が異なります",
    Reason.OTHER_POLARITY: "一方は「はい」、もう一方は「いいえ」です",
    Reason.NEGATED_CLAIM: "一方がもう一方の主張を打ち消しています",
    Reason.OPPOSITE_WORDS: "反対のことを主張しています",
    Reason.OTHER_NUMBERS: "同じことについて数値が異なります",
    Reason.OTHER_NAMES: "挙げている名前が異なります",
    Reason.ENTAILED: "一方からもう一方が導かれます",
    Reason.CONFLICTING: "両方が正しいことはありえません",
    Reason.NEITHER: "一致も矛盾もしていません",
    Reason.ALIKE_IN_WORDING: "似た言葉で述べています",
    Reason.UNLIKE_IN_WORDING: "共通点がほとんどありません",
}
_USE_EN: Final[Mapping[EntailmentUse, str]] = {
    EntailmentUse.BUDGET: "some answers were compared by rules alone, without the entailment model",
}
_USE_JA: Final[Mapping[EntailmentUse, str]] = {
    EntailmentUse.BUDGET: "一部の回答は含意モデルを使わず、規則だけで比較しました",
}


def reason_words(reason: Reason, language: str) -> str:
    """A clause without a full stop: why two answers agree or differ."""
    return (_JA if language == "ja" else _EN)[reason]


def entailment_words(use: EntailmentUse, language: str) -> str | None:
    """What is to be told of the model's part in the comparison; None where nothing is."""
    return (_USE_JA if language == "ja" else _USE_EN).get(use)
