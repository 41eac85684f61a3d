"""What a challenge costs to read, against one that hands over the whole answers.

    [WALLBOUNCE_EVAL_DATA=<folder>] python -m bench.challenge

Panels are the blind answers of the simulated vendors to every question on which they differ, and, where
a folder is given, recorded ones: JSON lines (gzip), one record a prompt, with ``prompt`` and ``answers``, each
with ``vendor`` and ``text``; the first three vendors of a record are its panel. Each contested panel is put into
the challenge twice: as positions with their points (what ships), and with every answer whole, as long as
a synthesis shows it. Tokens are estimated at four Latin letters or one other character, as the simulated
vendors count. The figures are also written to ``bench/out/challenge.json``.
"""

from __future__ import annotations

import gzip
import json
import os
import time
from collections import Counter
from pathlib import Path
from statistics import mean, median, quantiles
from typing import TYPE_CHECKING, Any

from consensus.answers import read_question
from consensus.contested import Position, positions_of
from consensus.prompts import MAX_ANSWER_CHARS, challenge, cut_middle
from consensus.reading import read_answer
from consensus.sameness import likeness_of
from consensus.transcript import Attempt
from providers.messages import Prompt
from providers.simulator.question_data import shipped
from providers.simulator.text import count_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from consensus.answers import Question

OUT = Path(__file__).parent / "out" / "challenge.json"
PANEL = 3
RECORDS_A_FILE = 150
"""Panels read of a file, evenly spread over it."""


def main() -> None:
    """Print the figures of each set, and keep them."""
    figures = {"simulated": _figures(_simulated())}
    if folder := os.environ.get("WALLBOUNCE_EVAL_DATA"):
        for path in sorted(Path(folder).glob("*.jsonl.gz")):
            if "_pairs" not in path.name:
                figures[path.name.removesuffix(".jsonl.gz")] = _figures(_recorded(path))
    for name, figure in figures.items():
        if figure:
            shown = ", ".join(f"{key} {value:.4g}" for key, value in figure.items())
            print(f"{name}: {shown}")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _simulated() -> Iterator[tuple[str, list[str]]]:
    for question in shipped().questions:
        yield question.prompt, [voice.says for voice in question.voices.values()]


def _recorded(path: Path) -> Iterator[tuple[str, list[str]]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    step = max(1, len(records) // RECORDS_A_FILE)
    for record in records[::step]:
        by_vendor: dict[str, str] = {}
        for answer in record.get("answers", ()):
            if answer.get("text"):
                by_vendor.setdefault(answer["vendor"], answer["text"])
        if len(by_vendor) >= PANEL and not record.get("requires_image"):
            yield record["prompt"], list(by_vendor.values())[:PANEL]


def _figures(panels: Iterator[tuple[str, list[str]]]) -> dict[str, float]:
    measured = [found for prompt, texts in panels if (found := _measured(prompt, texts))]
    if not measured:
        return {}
    ratios = [found["points"] / found["whole"] for found in measured]
    return {
        "contested": len(measured),
        "tokens_whole": mean(found["whole"] for found in measured),
        "tokens_points": mean(found["points"] for found in measured),
        "ratio": sum(f["points"] for f in measured) / sum(f["whole"] for f in measured),
        "ratio_median": median(ratios),
        "ratio_p95": quantiles(ratios, n=20)[-1] if len(ratios) > 1 else ratios[0],
        "dearer": mean(ratio > 1.0 for ratio in ratios),
        "quoted_whole": mean(found["quoted_whole"] for found in measured),
        "quoted_points": mean(found["quoted_points"] for found in measured),
        "cpu_ms": median(found["cpu_ms"] for found in measured),
    }


def _measured(prompt: str, texts: Sequence[str]) -> dict[str, Any] | None:
    """Tokens of both challenges; None where the answers do not differ."""
    question = read_question(prompt)
    answers = [
        Attempt(f"vendor{i}", f"vendor{i}", "m", 1, 0.0, text=text) for i, text in enumerate(texts)
    ]
    ranking, dissent = _vote(question, answers)
    if not dissent:
        return None
    began = time.thread_time()
    positions = positions_of(question, answers, ranking, dissent)
    points = challenge(Prompt.of(prompt), positions).prompt.question
    cpu_ms = (time.thread_time() - began) * 1000
    left_out = "\n[… {count} characters left out here …]\n"
    cut = [cut_middle(text, MAX_ANSWER_CHARS, left_out) for text in texts]
    # Of several lines, so that they are put down as they stand.
    whole = challenge(
        Prompt.of(prompt), [Position("", (), (f"{text}\n",)) for text in cut]
    ).prompt.question
    empty = count_tokens(challenge(Prompt.of(prompt), []).prompt.question)
    return {
        "whole": count_tokens(whole),
        "points": count_tokens(points),
        "quoted_whole": count_tokens(whole) - empty,
        "quoted_points": count_tokens(points) - empty,
        "cpu_ms": cpu_ms,
    }


def _vote(question: Question, answers: Sequence[Attempt]) -> tuple[list[str], list[str]]:
    """Names from best to least supported, and those that are not the first one's side; unweighted."""
    alike = likeness_of(question, [read_answer(question, a.text or "") for a in answers])
    support = Counter({i: sum(likeness.same for likeness in row) for i, row in enumerate(alike)})
    ranking = [i for i, _ in support.most_common()]
    dissent = [answers[i].provider for i in ranking if not alike[ranking[0]][i].same]
    return [answers[i].provider for i in ranking], dissent


if __name__ == "__main__":
    main()
