"""Tells in words what the judges found, for the answer's reasoning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consensus.judging.judges import Judging, Undecided

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHY: Mapping[str, Mapping[Undecided, str]] = {
    "en": {
        Undecided.JUDGES: "there are no two judges of different vendors",
        Undecided.BUDGET: "the budget does not buy two judges",
        Undecided.TIME: "no time was left for judges",
        Undecided.NO_VERDICT: "a judge gave no verdict",
        Undecided.SPLIT: "the two judges disagree",
    },
    "ja": {
        Undecided.JUDGES: "異なるベンダーの判定者が二者いないため",
        Undecided.BUDGET: "予算が判定者二者に足りないため",
        Undecided.TIME: "判定の時間が残っていないため",
        Undecided.NO_VERDICT: "判定者の一方が判定を示さなかったため",
        Undecided.SPLIT: "二者の判定が分かれたため",
    },
}


def account(judging: Judging, language: str) -> str:
    """A sentence for each pair that was open; empty when none was.

    Args:
        judging: What the judges found.
        language: Of the question, ``en`` or ``ja``.
    """
    japanese = language == "ja"
    told = []
    for pair, same in judging.verdicts.items():
        if japanese:
            names = "と".join(sorted(pair))
            told.append(
                f"判定者二者は{names}の回答を{'同じ' if same else '異なる'}と判定しました。"
            )
        else:
            names = " and ".join(sorted(pair))
            told.append(
                f"Two judges found that {names} say {'the same' if same else 'different things'}."
            )
    for pair, why in judging.undecided.items():
        if japanese:
            names = "と".join(sorted(pair))
            told.append(f"{names}の回答の異同は、{_WHY['ja'][why]}、規則により判断しました。")
        else:
            names = " and ".join(sorted(pair))
            told.append(f"Whether {names} say the same was left to the rules: {_WHY['en'][why]}.")
    return ("" if japanese else " ").join(told)
