"""CPU of scoring three answers: read, compared, weighed, judged. No network, no gateway, one thread.

The answers of a case are worded differently, of one length, and their numbers change from call to
call, so that nothing which remembers whole texts makes scoring cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from statistics import median, quantiles

from bench.figures import PROGRESS, Bar, Result
from bench.scoring import cpu_ms
from consensus.embedding.static import StaticEmbedder
from consensus.entailment.shipped import OnnxEntailment
from consensus.transcript import Attempt, Transcript
from consensus.trust.topics import Topics

ROUNDS = 5
CALLS = 120
"""In each round."""

WARM_UP = 30
LENGTHS = (500, 1_500)
"""Characters of an answer."""

VENDORS = (("gpt", "openai"), ("claude", "anthropic"), ("gemini", "google"))

TYPED_QUESTION = {
    "en": "What is the sum of {a} and {b}? Explain how you got there.",
    "ja": "{a}と{b}を足すといくつですか。計算の過程も説明してください。",
}
FREE_QUESTION = {
    "en": "Why do ships of more than {a} tonnes float although steel is heavier than water?",
    "ja": "鋼は水より重いのに、{a}トンを超える船が浮くのはなぜですか。",
}
TYPED_END = {
    "en": ("\n\nThe answer is {sum}.", "\n\n**Final answer: {sum}**", "\n\n{a} + {b} = {sum}"),
    "ja": ("\n\n答えは{sum}です。", "\n\n**最終回答：{sum}**", "\n\n{a} + {b} = {sum}"),
}
TYPED_WORDS = {
    "en": (
        (
            "Splitting both numbers into thousands, hundreds, tens and units keeps every carry visible.\n"
            "I start on the right with the units of {b}, note whether they pass nine, and carry on.\n"
            "No rounding is involved, since both {a} and {b} are integers. "
            "Subtracting one of them from the result gives back the other, so nothing was lost.\n"
        ),
        (
            "1. Write {a} beneath {b}, aligned at the last digit.\n"
            "2. Add each column from right to left, carrying whenever a column reaches ten.\n"
            "An estimate is a useful safeguard: rounding to the nearest hundred lands close to the total, "
            "so a slip in the leading digits would have stood out at once.\n"
        ),
        (
            "Addition is commutative, therefore it makes no difference whether we begin with {a} or {b}. "
            "Count on from the larger one by the hundreds of the smaller, then by its tens and ones. "
            "The parity agrees as well: odd plus odd must give an even total, which catches many slips.\n"
        ),
    ),
    "ja": (
        (
            "まず{a}と{b}をそれぞれ千の位、百の位、十の位、一の位に分けて考えます。"
            "一の位から順に足し、十以上になれば次の位へ繰り上げます。"
            "どちらも整数なので、四捨五入は必要ありません。\n"
        ),
        (
            "1. {a}の下に{b}を、桁をそろえて書きます。\n2. 右の列から順番に足していきます。\n"
            "概算で確かめると、百の位までの値はほぼ合っているので、大きな間違いはなさそうです。\n"
        ),
        (
            "足し算は順序を入れ替えても結果が変わらないため、大きい方の{b}から数え始めると楽です。"
            "百の位、十の位、一の位の順に加えれば合計にたどり着きます。偶数と奇数の関係も一致しています。\n"
        ),
    ),
}
FREE_WORDS = {
    "en": (
        (
            "A ship floats because its hull displaces a volume of water that weighs as much as the ship. "
            "Steel alone would sink, but the hull is mostly air, so the average density stays below that "
            "of water.\nThis is Archimedes' principle, and it holds for {a} tonnes as for {b}. "
        ),
        (
            "Buoyancy depends on the shape and not only on the material. The hollow body of a vessel of "
            "{a} tonnes pushes aside enough water to carry its weight.\nFill it with {b} tonnes of water "
            "and the air is gone, which is why a leaking ship cannot stay afloat. "
        ),
        (
            "The key is density: mass divided by volume. Although steel has about eight times the density "
            "of water, a ship encloses a great deal of empty space.\n- The weight pulls down with {a} "
            "tonnes.\n- The displaced water pushes up with the same force, {b} at most. "
        ),
    ),
    "ja": (
        (
            "船が浮くのは、船体が押しのけた水の重さと船全体の重さが釣り合うためです。"
            "鋼だけなら沈みますが、内部の大部分は空気なので、平均の密度は水より小さくなります。"
            "これはアルキメデスの原理で、{a}トンでも{b}トンでも変わりません。\n"
        ),
        (
            "浮力は材料だけでなく形にも左右されます。{a}トンの船の中空の船体は、自分の重さを支えるだけの水を"
            "押しのけています。{b}トンの水が入って空気がなくなれば、浮いていられません。\n"
        ),
        (
            "鍵になるのは密度、つまり質量を体積で割った値です。鋼の密度は水の約八倍ですが、船は広い空間を"
            "囲んでいます。重力は{a}トン分下向きに、押しのけた水は最大{b}トン分上向きに働きます。\n"
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of question and the three wordings of its answer."""

    name: str
    question: str
    words: tuple[str, str, str]
    ends: tuple[str, str, str]
    length: int

    def asked(self, number: int) -> str:
        """The prompt of the ``number``-th call."""
        return self.question.format(**_figures(number))

    def transcript(self, number: int) -> Transcript:
        """Three answers of the case's length; in every tenth call the third names another sum."""
        return Transcript(
            tuple(
                Attempt(name, vendor, name, 1, 1.0, text=self._text(i, number))
                for i, (name, vendor) in enumerate(VENDORS)
            )
        )

    def _text(self, vendor: int, number: int) -> str:
        figures = _figures(number, off_by_one=vendor == 2 and number % 10 == 3)
        end = self.ends[vendor].format(**figures)
        body = ""
        for repeated, words in enumerate(cycle((self.words[vendor],))):
            if len(body) + len(end) >= self.length:
                break
            body += words.format(**_figures(number + 31 * repeated))
        return body[: self.length - len(end)] + end


def _figures(number: int, *, off_by_one: bool = False) -> dict[str, int]:
    a, b = 1000 + number, 4000 + 7 * number
    return {"a": a, "b": b, "sum": a + b + off_by_one}


def cases() -> list[Case]:
    """Every language, kind and length."""
    nothing = ("", "", "")
    return [
        Case(f"{language}_{kind}_{length}", question[language], words[language], ends, length)
        for language in ("en", "ja")
        for kind, question, words, ends in (
            ("typed", TYPED_QUESTION, TYPED_WORDS, TYPED_END[language]),
            ("free", FREE_QUESTION, FREE_WORDS, nothing),
        )
        for length in LENGTHS
    ]


SHORT_ANSWERS = {
    "en": (
        (
            "A ship of {a} tonnes floats since its hollow hull pushes aside water that weighs as much as the "
            "whole ship, and the air inside keeps its mean density below that of water."
        ),
        (
            "Steel sinks, but a hull is mostly air: together they are lighter than the {a} tonnes of water "
            "whose place they take, so the sea pushes the ship up until both weigh the same."
        ),
        (
            "Because salt makes the sea so heavy that it carries steel: in fresh water a vessel of {a} tonnes "
            "would go down at once, which is why river boats are built of wood instead."
        ),
    ),
    "ja": (
        (
            "{a}トンの船が浮くのは、中空の船体が船全体と同じ重さの水を押しのけ、内部の空気のおかげで平均の密度が"
            "水より小さくなるからです。"
        ),
        (
            "鋼だけなら沈みますが、船体の大部分は空気なので、押しのけた{a}トンの水より軽く、重さが釣り合うところまで"
            "海が船を押し上げます。"
        ),
        (
            "海水は塩分で重くなり鋼を支えるからです。真水では{a}トンの船はすぐに沈んでしまうため、川の船は木で"
            "造られています。"
        ),
    ),
}
"""About thirty words each; the third says something else."""

SCORE_BARS_MS = {"500": {"p50_ms": 1.5}, "1500": {"p50_ms": 5.0, "p99_ms": 15.0}}
ENTAILMENT_BAR_MS = 40.0


@dataclass(frozen=True, slots=True)
class ShortCase:
    """Three short answers to an open question, which rules leave to the entailment model."""

    name: str
    question: str
    words: tuple[str, str, str]

    def asked(self, number: int) -> str:
        """The prompt of the ``number``-th call."""
        return self.question.format(a=1000 + number)

    def transcript(self, number: int) -> Transcript:
        """The three answers."""
        return Transcript(
            tuple(
                Attempt(name, vendor, name, 1, 1.0, text=words.format(a=1000 + number))
                for (name, vendor), words in zip(VENDORS, self.words, strict=True)
            )
        )


def short_cases() -> list[ShortCase]:
    """One a language."""
    return [
        ShortCase(f"{language}_free_30_words_entailment", FREE_QUESTION[language], words)
        for language, words in SHORT_ANSWERS.items()
    ]


def run() -> Result:
    """Measure every case; takes half a minute."""
    embedder = StaticEmbedder()
    topics = Topics(embedder)
    figures: dict[str, dict[str, float]] = {}
    bars: list[Bar] = []
    for case in cases():
        PROGRESS.print(f"scoring: {case.name}")
        found = figures[case.name] = _measured(case, embedder, topics, None)
        bars += [
            Bar(f"{case.name}.{figure}", limit, found[figure])
            for figure, limit in SCORE_BARS_MS[str(case.length)].items()
        ]
    entailment = OnnxEntailment()
    if entailment.warm():
        for short in short_cases():
            PROGRESS.print(f"scoring: {short.name}")
            found = figures[short.name] = _measured(short, embedder, topics, entailment)
            bars.append(Bar(f"{short.name}.p99_ms", ENTAILMENT_BAR_MS, found["p99_ms"]))
    else:
        PROGRESS.print("no entailment model: its cases are left out")
    return Result(
        name="decide",
        figures={"cpu": figures, "answers": len(VENDORS), "rounds": ROUNDS, "calls": CALLS},
        columns=("three answers", "CPU ms p50", "CPU ms p99"),
        rows=[(n, f"{f['p50_ms']:.2f}", f"{f['p99_ms']:.2f}") for n, f in figures.items()],
        bars=tuple(bars),
    )


def _measured(
    case: Case | ShortCase,
    embedder: StaticEmbedder,
    topics: Topics,
    entailment: OnnxEntailment | None,
) -> dict[str, float]:
    """The median over the rounds of each round's p50 and p99."""
    calls = range(WARM_UP + ROUNDS * CALLS)
    spent = [
        cpu_ms(case.asked(number), case.transcript(number), embedder, topics, entailment)
        for number in calls
    ][WARM_UP:]
    rounds = [
        quantiles(spent[start : start + CALLS], n=100, method="inclusive")
        for start in range(0, len(spent), CALLS)
    ]
    return {
        "p50_ms": round(median(cuts[49] for cuts in rounds), 4),
        "p99_ms": round(median(cuts[98] for cuts in rounds), 4),
    }
