"""CPU of scoring three answers: read, compared, weighed, judged. No network, no gateway, one thread.

The answers of a case are worded differently, of one length, and their numbers change from call to
call, so that nothing which remembers whole texts makes scoring cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from statistics import quantiles

from bench.figures import PROGRESS, Result
from bench.scoring import cpu_ms
from consensus.embedding.static import StaticEmbedder
from consensus.transcript import Attempt, Transcript

CALLS = 300
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


def run() -> Result:
    """Measure every case; takes about ten seconds."""
    embedder = StaticEmbedder()
    figures: dict[str, dict[str, float]] = {}
    for case in cases():
        PROGRESS.print(f"scoring: {case.name}")
        spent = [
            cpu_ms(case.asked(number), case.transcript(number), embedder)
            for number in range(WARM_UP + CALLS)
        ][WARM_UP:]
        cuts = quantiles(spent, n=100, method="inclusive")
        figures[case.name] = {
            "p50_ms": round(cuts[49], 4),
            "p99_ms": round(cuts[98], 4),
        }
    return Result(
        name="decide",
        figures={"cpu": figures, "answers": len(VENDORS), "calls": CALLS},
        columns=("three answers", "CPU ms p50", "CPU ms p99"),
        rows=[(n, f"{f['p50_ms']:.2f}", f"{f['p99_ms']:.2f}") for n, f in figures.items()],
        bars=(),
    )
