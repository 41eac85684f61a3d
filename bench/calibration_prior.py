"""Fits the shipped calibration (consensus/calibration.py) on recorded answers, and says how good it is.

``WALLBOUNCE_EVAL_DATA`` names a folder of ``*.jsonl.gz`` files; a record has ``question`` or
``prompt``, ``language`` and ``answers``, each with ``vendor``, ``model``, ``text``, ``extracted``
(equal within a record = the same answer) and ``correct``. One panel is one model of each vendor;
every subset of one, two and three of them is a vote. Each set counts the same, whatever its size.

Two tables are fitted. Typed: answers grouped by ``extracted``. By wording: the same texts taken for
answers to an open question, so that wording alone has to tell which agree; it gives the ceiling of
the free-text table, which otherwise has the shape of the typed one.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from consensus.answers import AnswerKind, FinalAnswer, Question
from consensus.calibration import SHARES, PriorCalibration, VotePattern
from consensus.embedding.static import StaticEmbedder
from consensus.panel import compare_readings, rank, vote_pattern
from consensus.reading import read_answer
from consensus.transcript import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from consensus.calibration import Table

OUT = Path(__file__).parent / "out" / "calibration_prior.json"
PANEL = 3
ECE_BINS = 10
FREE_TEXT_RECORDS = 120
"""Records a set read as free text: reading costs milliseconds, looking up a letter nothing."""

Record = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """A vote and how often its winner was right: a tie is right by the share of the tied."""

    dataset: str
    order: int
    pattern: VotePattern
    right: float


def main() -> None:
    """Fit, judge on the halves not fitted on, print and write."""
    folder = os.environ.get("WALLBOUNCE_EVAL_DATA")
    if not folder:
        sys.exit("WALLBOUNCE_EVAL_DATA must name the folder with the recorded answers")
    records = load(Path(folder))
    figures: dict[str, Any] = {}
    for name, outcomes in (
        ("typed", list(votes(records, by_extracted))),
        ("free_text_by_wording", list(votes(sample(records), FreeTextVotes()))),
    ):
        table = fit(outcomes)
        figures[name] = {"table": table, "held_out": judge(outcomes), "votes": len(outcomes)}
        report(name, table, figures[name]["held_out"], outcomes)
    typed, wording = figures["typed"]["table"], figures["free_text_by_wording"]["table"]
    figures["free_text"] = {"table": shrink(typed, ceiling=wording[-1][-1])}
    print("\nfree text, as shipped: the typed table shrunk to the unanimity measured by wording")
    for row in figures["free_text"]["table"]:
        print("         " + "".join(f"{p:>16.3f}" for p in row))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def load(folder: Path) -> dict[str, list[Record]]:
    """The records by set, of sets with at least one judged answer."""
    sets: dict[str, list[Record]] = {}
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            records = [json.loads(line) for line in lines]
        judged = [r for r in records if "answers" in r and not r.get("requires_image")]
        if any(usable(a) for r in judged for a in r["answers"]):
            sets[path.name.removesuffix(".jsonl.gz")] = judged
    return sets


def sample(records: dict[str, list[Record]]) -> dict[str, list[Record]]:
    """Evenly spread records of each set."""
    return {
        name: rows[:: max(1, len(rows) // FREE_TEXT_RECORDS)][:FREE_TEXT_RECORDS]
        for name, rows in records.items()
    }


def usable(answer: Record) -> bool:
    """True for an answer that was judged and has a final answer to group by."""
    return answer.get("correct") is not None and answer.get("extracted") is not None


def panels(record: Record) -> Iterable[tuple[Record, ...]]:
    """The first models of three vendors, then their second ones, and so on."""
    by_vendor: dict[str, list[Record]] = defaultdict(list)
    for answer in record["answers"]:
        by_vendor[answer["vendor"]].append(answer)
    for k in range(max(map(len, by_vendor.values()), default=0)):
        seats = [answers[k] for answers in by_vendor.values() if len(answers) > k]
        if len(seats) >= PANEL and all(map(usable, seats[:PANEL])):
            yield tuple(seats[:PANEL])


def votes(
    records: dict[str, list[Record]],
    vote: Callable[[Record, tuple[Record, ...]], tuple[VotePattern, float]],
) -> Iterable[Outcome]:
    """Every vote of one, two and three answers of every panel."""
    for dataset, rows in records.items():
        for row in rows:
            for panel in panels(row):
                for n in range(1, PANEL + 1):
                    for answers in combinations(panel, n):
                        yield Outcome(dataset, int(row.get("order", 0)), *vote(row, answers))


def by_extracted(_: Record, answers: tuple[Record, ...]) -> tuple[VotePattern, float]:
    """Group by the final answer the benchmark itself extracted."""
    groups: dict[str, list[Record]] = defaultdict(list)
    for answer in answers:
        groups[str(answer["extracted"])].append(answer)
    most = max(map(len, groups.values()))
    winners = [group for group in groups.values() if len(group) == most]
    share = most / len(answers)
    pattern = VotePattern(float(len(answers)), share, share, most, AnswerKind.PHRASE, typed=True)
    return pattern, float(np.mean([group[0]["correct"] for group in winners]))


class FreeTextVotes:
    """Take the texts for answers to an open question, whatever final answers they contain."""

    def __init__(self) -> None:
        self._embedder = StaticEmbedder()

    def __call__(self, row: Record, answers: tuple[Record, ...]) -> tuple[VotePattern, float]:
        """Rank the panel by wording; right is what the winner's own text was judged."""
        question = Question(
            text=row.get("question") or row["prompt"],
            asks=AnswerKind.FREE_TEXT,
            language="ja" if row.get("language") == "ja" else "en",
        )
        attempts = tuple(
            Attempt(a["vendor"], a["vendor"], a["model"], 1, 0.0, text=a.get("plain") or a["text"])
            for a in answers
        )
        readings = (read_answer(question, attempt.text or "") for attempt in attempts)
        prose = tuple(
            replace(r, final=FinalAnswer(AnswerKind.FREE_TEXT, r.text, r.text), stated=())
            for r in readings
        )
        panel = compare_readings(question, attempts, prose, {}, self._embedder)
        winner = rank(panel)[0]
        return vote_pattern(panel, winner), float(answers[winner]["correct"])


def fit(outcomes: Sequence[Outcome]) -> Table:
    """Mean correctness by number of answers and share; empty cells filled, then made monotone."""
    sizes: dict[str, int] = defaultdict(int)
    for outcome in outcomes:
        sizes[outcome.dataset] += 1
    right = np.zeros((PANEL, len(SHARES)))
    weight = np.zeros_like(right)
    for outcome in outcomes:
        cell = round(outcome.pattern.answers) - 1, column(outcome.pattern.heads)
        right[cell] += outcome.right / sizes[outcome.dataset]
        weight[cell] += 1 / sizes[outcome.dataset]
    table = np.divide(right, weight, out=np.full_like(right, np.nan), where=weight > 0)
    # One answer has no share but 1, two none of a third or two thirds. What weights make of them in
    # between is read off a straight line from the split vote.
    thirds, half, majority, full = range(len(SHARES))
    table[2, half] = (table[2, thirds] + table[2, majority]) / 2
    table[1, thirds] = min(table[2, thirds], table[1, half])
    table[1, half] = min(table[1, half], table[2, majority])
    table[1, majority] = table[1, half] + (table[1, full] - table[1, half]) / 3
    table[0, :full] = table[1, :full]
    table = np.maximum.accumulate(np.maximum.accumulate(table, axis=1), axis=0)
    return as_table(table)


def as_table(probabilities: NDArray[np.float64]) -> Table:
    """Round an array (answers, shares) to what the shipped module writes down."""
    return tuple((a, b, c, d) for a, b, c, d in probabilities.round(3).tolist())


def shrink(typed: Table, ceiling: float) -> Table:
    """The typed table with its log odds scaled so that unanimity stands at ``ceiling``.

    What wording tells about correctness is next to nothing, so the free-text table itself would rate
    a contested answer like an agreed one. Shrunk, more support still never counts for less, and no
    vote stands above what was measured for free text.
    """
    odds = np.log(np.array(typed) / (1 - np.array(typed)))
    scale = np.log(ceiling / (1 - ceiling)) / odds[-1, -1]
    return as_table(1 / (1 + np.exp(-scale * odds)))


def column(share: float) -> int:
    """The column of a share in the table."""
    return int(np.argmin([abs(share - s) for s in SHARES]))


def judge(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Figures of three-answer votes by set, each half judged by the table of the other half."""
    halves = [[o for o in outcomes if o.order % 2 == parity] for parity in (0, 1)]
    judged: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for fitted, held_out in ((halves[0], halves[1]), (halves[1], halves[0])):
        table = fit(fitted)
        prior = PriorCalibration(typed=table, free_text=table)
        for outcome in held_out:
            if round(outcome.pattern.answers) == PANEL:
                judged[outcome.dataset].append((prior.confidence(outcome.pattern), outcome.right))
    figures = {
        name: {
            "n": len(pairs),
            "right": float(np.mean([r for _, r in pairs])),
            "confidence": float(np.mean([p for p, _ in pairs])),
            "ece": ece(pairs),
            "auroc": auroc(pairs),
        }
        for name, pairs in judged.items()
    }
    figures["mean"] = {
        key: float(np.nanmean([f[key] for f in figures.values()]))
        for key in next(iter(figures.values()))
    }
    pooled = [pair for pairs in judged.values() for pair in pairs]
    figures["pooled"] = {
        "n": len(pooled),
        "right": float(np.mean([r for _, r in pooled])),
        "confidence": float(np.mean([p for p, _ in pooled])),
        "ece": ece(pooled),
        "auroc": auroc(pooled),
    }
    return figures


def ece(pairs: Sequence[tuple[float, float]]) -> float:
    """Expected calibration error over ten equal bins (Guo et al. 2017, arXiv 1706.04599)."""
    stated, right = np.array(pairs).T
    bins = np.minimum((stated * ECE_BINS).astype(int), ECE_BINS - 1)
    return float(
        sum(
            (bins == b).mean() * abs(stated[bins == b].mean() - right[bins == b].mean())
            for b in set(bins.tolist())
        )
    )


def auroc(pairs: Sequence[tuple[float, float]]) -> float:
    """How often a right answer is stated with more confidence than a wrong one; ties count half."""
    stated, right = np.array(pairs).T
    good, bad = right, 1 - right
    if not good.sum() or not bad.sum():
        return float("nan")
    levels = sorted(set(stated.tolist()))
    mass = [(good[stated == s].sum(), bad[stated == s].sum()) for s in levels]
    below = won = 0.0
    for more, less in mass:
        won += more * (below + less / 2)
        below += less
    return float(won / (good.sum() * bad.sum()))


def report(
    name: str, table: Table, figures: dict[str, dict[str, float]], outcomes: Sequence[Outcome]
) -> None:
    """Print one table and its figures."""
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for outcome in outcomes:
        counts[round(outcome.pattern.answers) - 1, column(outcome.pattern.heads)] += 1
    print(f"\n{name}: probability (votes) by answers and share")
    print("answers  " + "".join(f"{share:>16.2f}" for share in SHARES))
    for n, row in enumerate(table):
        cells = "".join(f"{p:>8.3f} {f'({counts[n, c]})':>7}" for c, p in enumerate(row))
        print(f"{n + 1:>7}  {cells}")
    print(
        f"\n{'three answers, held out':28}{'n':>7}{'right':>8}{'stated':>8}{'ECE':>8}{'AUROC':>8}"
    )
    for dataset, f in figures.items():
        print(
            f"{dataset:28}{f['n']:>7.0f}{f['right']:>8.3f}{f['confidence']:>8.3f}"
            f"{f['ece']:>8.3f}{f['auroc']:>8.3f}"
        )


if __name__ == "__main__":
    main()
