"""Says in words who agreed on what, who did not and why, and what the answer lacks.

Nobody who dissents goes unseen: each group that differs from the returned answer is named with what it
answers and the one sentence that sets it apart, quoted (`consensus.dissent`); so is each refusal and
each failure.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from consensus.agreement import EntailmentUse, Reason
from consensus.agreement.words import entailment_words, reason_words
from consensus.answers import AnswerKind
from consensus.dissent import decisive_sentence
from consensus.execution.evidence import confirmed
from consensus.lazily import lazily
from consensus.quotation import neutralised
from providers.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consensus.agreement import Likeness
    from consensus.answers import FinalAnswer
    from consensus.quality import Quality
    from consensus.verdict import Floors, Vote

MAX_QUOTE_CHARS = 60
"""How much of a final answer is quoted."""

PAIR = 2
"""Names that are joined by "and" or と alone."""

_PLAIN = frozenset(
    {Reason.SAME_FINAL, Reason.OTHER_FINAL, Reason.OTHER_KIND, Reason.UNLIKE_IN_WORDING}
)
"""Reasons that the answers themselves show."""

MAX_REASONS = 4
"""Dissenting groups whose reason is quoted; of further ones their answers are told."""


@value(frozen=True)
class Findings:
    """What there is to tell. ``groups``: providers that say the same, the winner's group first.

    ``apart``: by provider that dissents, how its answer compares with the winner's. ``entailment``: what
    part the model had. ``computed``: the answer, where it could be computed.
    """

    language: str
    votes: tuple[Vote, ...]
    groups: tuple[tuple[str, ...], ...]
    quality: Quality
    floors: Floors
    below: tuple[str, ...]
    min_providers: int
    incoherent: tuple[str, ...] = ()
    off_topic: tuple[str, ...] = ()
    apart: Mapping[str, Likeness] = field(default_factory=dict)
    entailment: EntailmentUse = EntailmentUse.OFF
    computed: FinalAnswer | None = None

    @lazily
    def finals(self) -> dict[str, FinalAnswer]:
        """The final answer of every provider that answered."""
        return {
            v.attempt.provider: v.final_answer for v in self.votes if v.final_answer is not None
        }

    @property
    def reasons(self) -> dict[str, str]:
        """By the first provider of each dissenting group: what sets it apart, safe to quote."""
        found: dict[str, str] = {}
        if len(self.groups) == 1:
            return found
        texts = {v.attempt.provider: v.attempt.text or "" for v in self.votes}
        for name, *_ in self.groups[1 : 1 + MAX_REASONS]:
            if self.finals[name].kind not in _NOTHING_EN:
                reason = decisive_sentence(texts[name], texts[self.groups[0][0]])
                if reason is not None:
                    found[name] = reason
        return found

    def why(self, group: Sequence[str]) -> str | None:
        """Why a dissenting group's answer differs, where its own words do not show it already."""
        likeness = self.apart.get(group[0])
        if likeness is None or likeness.reason in _PLAIN:
            return None
        return reason_words(likeness.reason, self.language)

    @property
    def confirms(self) -> bool | None:
        """Whether the computed answer confirms the winner's; None without one."""
        if self.computed is None:
            return None
        return confirmed(self.computed, self.finals[self.groups[0][0]])

    @property
    def outweighs(self) -> float | None:
        """The winning group's share of the weight where it is smaller in heads than another group.

        None where heads explain the outcome.
        """
        if len(self.groups) == 1 or max(map(len, self.groups)) <= len(self.groups[0]):
            return None
        weights = {v.attempt.provider: v.weight for v in self.votes}
        return sum(weights[name] for name in self.groups[0])

    @property
    def figures(self) -> tuple[tuple[str, float, float], ...]:
        """Name, value and floor of every figure under its floor."""
        return tuple((n, getattr(self.quality, n), getattr(self.floors, n)) for n in self.below)


def explain(findings: Findings) -> str:
    """Put ``findings`` into a few sentences, in Japanese for a Japanese question."""
    return _japanese(findings) if findings.language == "ja" else _english(findings)


def _quote(final: FinalAnswer, words: Mapping[str, str] | None = None) -> str:
    text = neutralised(final.text, MAX_QUOTE_CHARS)
    if final.kind is AnswerKind.YES_NO and words is not None:
        return words.get(text, text)
    return text


def _percent(figure: float) -> str:
    return f"{figure:.2f}"


# English

_NOTHING_EN = {
    AnswerKind.REFUSAL: ("decline", "to answer"),
    AnswerKind.UNKNOWN: ("say", "that the answer is not known"),
}


def _english(findings: Findings) -> str:
    finals = findings.finals
    reasons = findings.reasons
    claims = [
        _claim_en(group, finals, lone=len(finals) == 1, reason=reasons.get(group[0]))
        + ("" if (why := findings.why(group)) is None else f" ({why})")
        for group in findings.groups
    ]
    failed = [
        f"{v.attempt.provider} failed: {v.attempt.failure.code}"
        for v in findings.votes
        if v.attempt.failure is not None
    ]
    sentences = ["; ".join([*claims, *failed])]
    if (share := findings.outweighs) is not None:
        names = _names_en(findings.groups[0])
        sentences.append(
            f"{names} {_verb(findings.groups[0], 'prevail')} by weight, {share:.2f} of 1"
        )
    if (confirms := findings.confirms) is not None and findings.computed is not None:
        sentences.append(
            f"computed from the program: {_quote(findings.computed)}, "
            f"which {'confirms' if confirms else 'refutes'} the answer returned"
        )
    if (told := entailment_words(findings.entailment, "en")) is not None:
        sentences.append(told)
    if len(finals) < findings.min_providers:
        sentences.append(
            f"{len(finals)} of the {findings.min_providers} answers required came back"
        )
    if findings.incoherent:
        sentences.append(
            f"{_names_en(findings.incoherent)} {_verb(findings.incoherent, 'contradict')} "
            f"{'themselves' if len(findings.incoherent) > 1 else 'itself'}"
        )
    if findings.off_topic:
        sentences.append(
            f"{_names_en(findings.off_topic)} {_verb(findings.off_topic, 'miss')} the question"
        )
    sentences.extend(
        f"{name} {_percent(value)} is below {_percent(floor)}"
        for name, value, floor in findings.figures
    )
    return ". ".join(sentences) + "."


def _claim_en(
    group: Sequence[str], finals: Mapping[str, FinalAnswer], *, lone: bool, reason: str | None
) -> str:
    final = finals[group[0]]
    names = _names_en(group)
    only = "only " if lone else ""
    if (nothing := _NOTHING_EN.get(final.kind)) is not None:
        return f"{only}{names} {_verb(group, nothing[0])} {nothing[1]}"
    if final.kind in {AnswerKind.FREE_TEXT, AnswerKind.CODE}:
        if lone:
            return f"only {names} answered"
        if reason is not None:
            return f"{names} {_verb(group, 'answer')} differently: “{reason}”"
        return f"{names} agree in substance" if len(group) > 1 else f"{names} answers differently"
    if lone:
        return f"only {names} answered: {_quote(final)}"
    verb = "agree on" if len(group) > 1 else "says"
    because = "" if reason is None else f", arguing “{reason}”"
    return f"{names} {verb} {_quote(final)}{because}"


def _names_en(names: Sequence[str]) -> str:
    if len(names) <= PAIR:
        return " and ".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _verb(names: Sequence[str], verb: str) -> str:
    if len(names) > 1:
        return verb
    return f"{verb}es" if verb.endswith("s") else f"{verb}s"


# Japanese

_NOTHING_JA = {
    AnswerKind.REFUSAL: "回答を控えました",
    AnswerKind.UNKNOWN: "分からないと答えました",
}
_YES_NO_JA = {"yes": "はい", "no": "いいえ"}
_FIGURES_JA = {
    "confidence": "信頼度",
    "agreement": "一致度",
    "coherence": "整合性",
    "relevance": "関連性",
}


def _japanese(findings: Findings) -> str:
    finals = findings.finals
    reasons = findings.reasons
    sentences = [
        _claim_ja(group, finals, lone=len(finals) == 1, reason=reasons.get(group[0]))
        + ("" if (why := findings.why(group)) is None else f"（{why}）")
        for group in findings.groups
    ]
    sentences.extend(
        f"{v.attempt.provider}は失敗しました（{v.attempt.failure.code}）"
        for v in findings.votes
        if v.attempt.failure is not None
    )
    if (share := findings.outweighs) is not None:
        sentences.append(
            f"重みにより{'と'.join(findings.groups[0])}が優先されました（{share:.2f}）"
        )
    if (confirms := findings.confirms) is not None and findings.computed is not None:
        sentences.append(
            f"プログラムから計算した値は「{_quote(findings.computed)}」で、"
            f"返した回答{'と一致します' if confirms else 'と異なります'}"
        )
    if (told := entailment_words(findings.entailment, "ja")) is not None:
        sentences.append(told)
    if len(finals) < findings.min_providers:
        sentences.append(
            f"必要な回答{findings.min_providers}件のうち{len(finals)}件しか得られませんでした"
        )
    if findings.incoherent:
        sentences.append(f"{'と'.join(findings.incoherent)}の回答は自己矛盾しています")
    if findings.off_topic:
        sentences.append(f"{'と'.join(findings.off_topic)}の回答は質問から外れています")
    sentences.extend(
        f"{_FIGURES_JA[name]}{_percent(value)}は下限{_percent(floor)}を下回っています"
        for name, value, floor in findings.figures
    )
    return "。".join(sentences) + "。"


def _claim_ja(
    group: Sequence[str], finals: Mapping[str, FinalAnswer], *, lone: bool, reason: str | None
) -> str:
    final = finals[group[0]]
    names = "と".join(group)
    if (nothing := _NOTHING_JA.get(final.kind)) is not None:
        return f"{names}は{nothing}"
    if final.kind in {AnswerKind.FREE_TEXT, AnswerKind.CODE}:
        if lone:
            return f"{names}だけが回答しました"
        if reason is not None:
            return f"{names}は異なる回答です（「{reason}」）"
        return f"{names}は{'内容が一致しています' if len(group) > 1 else '異なる回答です'}"
    if lone:
        return f"{names}だけが回答しました：{_quote(final, _YES_NO_JA)}"
    because = "" if reason is None else f"（根拠：「{reason}」）"
    return (
        f"{names}は「{_quote(final, _YES_NO_JA)}」で一致しています{because}"
        if len(group) > 1
        else f"{names}の回答は「{_quote(final, _YES_NO_JA)}」です{because}"
    )
