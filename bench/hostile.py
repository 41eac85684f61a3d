"""CPU of scoring answers made to hurt: huge, nested, endless, malformed. One thread, no network.

Each text comes once as all three answers and once as one of three; what counts is the slower.
"""

from __future__ import annotations

from typing import Final

from bench.figures import PROGRESS, Bar, Result
from bench.scoring import cpu_ms
from consensus.embedding.static import StaticEmbedder
from consensus.transcript import Attempt, Transcript
from consensus.trust.topics import Topics

BAR_MS: Final = 50.0
"""Thread CPU in which a panel of three is scored or cut, whatever it says."""

ROUNDS: Final = 3
"""Of which the quickest counts: what other processes cost is not ours."""

QUESTIONS: Final = {
    "number": "What is 6 times 7?",
    "choice": "Which planet is the largest?\nA) Earth\nB) Jupiter\nC) Mars",
    "yes or no": "Is it safe to eat raw potatoes?",
    "phrase": "Which city is the capital of France?",
    "date": "When did the war end?",
    "code": "Write a Python function that reverses a string.",
    "json": "Return the result as JSON.",
    "free text": "Why is the sky blue?",
    "free text, Japanese": "空が青いのはなぜですか。",
}
MEGA: Final = 1_000_000


def hostile_texts() -> dict[str, str]:
    """The answers, by what they attack."""
    return {
        "10 MB of prose": "The answer is not what it seems. " * (10 * MEGA // 33),
        "10 MB of Japanese": "答えは一つではありません。" * (10 * MEGA // 39),
        "100,000 digits": "The answer is " + "7" * 100_000 + ".",
        "100,000 digits, grouped": "= " + "123," * 25_000 + "456",
        "kanji numerals": "答えは" + "億万千百十" * 20_000 + "です。",
        "a tower of powers": "The answer is " + "9**" * 30_000 + "9.",
        "nested brackets": "(" * 50_000 + "42" + ")" * 50_000,
        "nested JSON": "[" * 50_000 + "]" * 50_000,
        "nested LaTeX": r"\boxed{" * 20_000 + "42" + "}" * 20_000,
        "unclosed fractions": r"\frac{1}{" * 20_000,
        "nested lists of Python": "```python\n" + "[" * 20_000 + "]" * 20_000 + "\n```",
        "backtracking, letters": "a" * 50_000 + "!",
        "backtracking, spaces": "The answer is" + " " * 50_000 + "x",
        "backtracking, quotes": '"' * 50_000,
        "backtracking, stars": "*" * 50_000 + "answer" + "*" * 50_000,
        "backtracking, hyphens": "-".join(["a"] * 50_000),
        "backtracking, commas": "1," * 50_000,
        "backtracking, line ends": "\n" * 100_000 + "42",
        "right-to-left marks": "\u202e42\u202c\u200f " * 20_000,
        "NULs": "\x00" * 100_000 + "42" + "\x00" * 100_000,
        "lone surrogates": "\ud800\udfff 42 \udc00" * 10_000,
        "one word of 1 MB": "x" * MEGA,
        "one kanji word of 1 MB": "漢" * MEGA,
        "10,000 short sentences": "No. It is not. " * 5_000,
        "10,000 short sentences in Japanese": "違います。安全ではない。" * 5_000,
        "40 long denials": ("It is not " + " ".join(f"w{n}" for n in range(60)) + ". ") * 40,
        "emoji with joiners": "👩‍👩‍👧‍👦" * 20_000,
        "combining marks": "a" + "\u0301" * 200_000,
        "text that grows when folded": "ﷺ" * 200_000,
        "headings": "# " * 50_000,
        "many answers": "The answer is 42. The answer is 43. " * 10_000,
        "many equations": "1 + 1 = 3. " * 30_000,
        "concessions": "Although many people think that " * 10_000 + ", but 42.",
        "concessions in Japanese": "空は緑だと思われ" * 20_000 + "がちですが、42です。",
        "empty": "",
        "blank": " \u3000\n\t" * 10_000,
    }


def transcripts(text: str) -> tuple[Transcript, Transcript]:
    """``text`` as every answer of a panel of three, slightly varied, and as one answer among others."""
    return (
        _panel(text, f"{text} ", f"{text}\n42"),
        _panel("42", text, "It is not known, but 42 is likely. 答えは42です。"),
    )


def _panel(*texts: str) -> Transcript:
    names = ("gpt", "claude", "gemini")
    return Transcript(
        tuple(
            Attempt(name, name, name, 1, 1.0, text=text)
            for name, text in zip(names, texts, strict=True)
        )
    )


def run() -> Result:
    """Score every text under every kind of question."""
    embedder = StaticEmbedder()
    topics = Topics(embedder)
    worst: dict[str, tuple[float, str]] = {}
    for name, text in hostile_texts().items():
        PROGRESS.print(f"hostile: {name}")
        worst[name] = max(
            (min(cpu_ms(asked, transcript, embedder, topics) for _ in range(ROUNDS)), kind)
            for kind, asked in QUESTIONS.items()
            for transcript in transcripts(text)
        )
    slowest = max(worst.values())[0]
    return Result(
        name="hostile",
        figures={"cpu_ms": {n: round(ms, 3) for n, (ms, _) in worst.items()}, "answers": 3},
        columns=("three answers", "CPU ms, worst question", "question"),
        rows=[(name, f"{ms:.1f}", kind) for name, (ms, kind) in worst.items()],
        bars=(Bar("slowest_ms", BAR_MS, slowest),),
    )
