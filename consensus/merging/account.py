"""Tells in words how a merged text came about, for the answer's reasoning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consensus.quotation import neutralised

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_QUOTE_CHARS = 100
"""How much of a removed sentence is quoted."""


def account(
    aggregator: str | None, removed: Sequence[str], *, repaired: bool, language: str
) -> str:
    """One sentence: who merged, whether it took a second try, what was removed.

    Args:
        aggregator: Who merged; None when nothing was merged and the best answer stands verbatim.
        removed: The sentences that no answer supports.
        repaired: Whether the aggregator had to write its text again.
        language: Of the question, ``en`` or ``ja``.
    """
    if language == "ja":
        return _japanese(aggregator, removed, repaired=repaired)
    if aggregator is None:
        return "Nothing was merged: the best supported answer is returned verbatim."
    text = f"{aggregator} merged the answers, and every sentence was checked against them"
    if repaired:
        text += ", after one correction"
    if removed:
        count = "one sentence" if len(removed) == 1 else f"{len(removed)} sentences"
        verb = "was" if len(removed) == 1 else "were"
        first = neutralised(removed[0], MAX_QUOTE_CHARS)
        text += f"; {count} that no answer supports {verb} removed (“{first}”)"
    return f"{text}."


def _japanese(aggregator: str | None, removed: Sequence[str], *, repaired: bool) -> str:
    if aggregator is None:
        return "統合は行わず、最も支持された回答をそのまま返します。"
    text = f"{aggregator}が回答を統合し、一文ごとに各回答と照合しました"
    if repaired:
        text += "（一度修正）"
    if removed:
        first = neutralised(removed[0], MAX_QUOTE_CHARS)
        text += f"。どの回答にも裏付けのない{len(removed)}文を除きました（「{first}」）"
    return f"{text}。"
