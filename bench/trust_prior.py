"""Fits the shipped prior of the model of trust (consensus/trust) on recorded answers.

``WALLBOUNCE_EVAL_DATA`` names a folder of ``*.jsonl.gz`` files; a record has ``prompt``, ``order`` and
``answers``, each with ``vendor``, ``model``, ``text`` and ``correct``. One panel is one model of each
vendor: the first models of three vendors, then their second ones, and so on; every subset of one, two
and three of its answers is a ballot. Texts are read as the gateway reads them. Each set counts the
same, and has an intercept of its own while fitting: what figures are worth is learned within sets, not
from which set is easy. No provider and no vendor has a parameter in the prior.

Writes ``prior.json`` and ``topics.npz`` beside the model with ``--write``, and prints what the prior
is worth on each set when fitted without it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from consensus.answers import read_question
from consensus.ballot import BALLOT_VERSION, TOPICS
from consensus.embedding.static import StaticEmbedder
from consensus.execution.remembered import remembered_answer
from consensus.panel import compare_readings
from consensus.reading import read_answer
from consensus.transcript import Attempt
from consensus.trust.casting import cast_ballot
from consensus.trust.model import LogitTrust
from consensus.trust.parameters import GENERAL, PRIOR_FILE, general_parameters
from consensus.trust.topics import TOPICS_FILE, Topics
from learning.backtest.calibration_figures import ece
from learning.backtest.discrimination import auroc
from learning.trust_rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from consensus.ballot import Ballot
    from consensus.trust.parameters import TrustParameters

    Array = NDArray[np.float64]
    Record = dict[str, Any]
    Records = dict[str, list[Record]]

PANEL = 3
TOKEN_DIMENSIONS = 256
QUESTIONS_A_SET = 200
WEIGHT = 4000.0
"""Ballots the fit counts in all; with the precisions below it sets how far figures are shrunk."""

PRECISION = {"sign_computed": 1e6, "sign_hedging": 1.0, "difficulty_topic": 40.0, "difficulty": 1.0}
SET_SPREAD = 0.7
COMPUTED = 4.0
"""Log odds that a computed answer is worth: set, not fitted, as programs are rare in most traffic and
the interpreter is exact where it answers at all."""


@dataclass(frozen=True)
class Case:
    """A ballot and which alternative was right: a group, or the one after them."""

    dataset: str
    ballot: Ballot
    right: int
    weight: float


def main() -> None:
    """Fit, judge set by set, print, and write with ``--write``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="replace the shipped prior")
    options = parser.parse_args()
    folder = os.environ.get("WALLBOUNCE_EVAL_DATA")
    if not folder:
        sys.exit("WALLBOUNCE_EVAL_DATA must name the folder with the recorded answers")
    records = load(Path(folder))
    topics = fit_topics(records)
    topics_file = TOPICS_FILE if options.write else Path(__file__).parent / "out" / "topics.npz"
    topics_file.parent.mkdir(exist_ok=True)
    np.savez(topics_file, mean=topics[0], components=topics[1])
    cases = list(ballots(records, Topics(StaticEmbedder(), topics_file)))
    print(
        f"{len(cases)} ballots of {sum(map(len, records.values()))} questions, {len(records)} sets"
    )
    prior = fit(cases)
    for name, value in zip(GENERAL, prior.general, strict=True):
        print(f"  {name:28} {value:+.3f}")
    held_out(cases)
    about = {
        "fitted_on": sorted(records),
        "questions": sum(map(len, records.values())),
        "ballots": len(cases),
        "ballot_version": BALLOT_VERSION,
        "command": "python -m bench.trust_prior --write",
    }
    rounded = {name: round(v, 4) for name, v in zip(GENERAL, prior.general, strict=True)}
    if options.write:
        text = json.dumps({"about": about, "parameters": rounded}, indent=1)
        PRIOR_FILE.write_text(text + "\n", encoding="utf-8")


def load(folder: Path) -> Records:
    """The records by set, of sets with a panel whose answers were judged."""
    sets: Records = {}
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        judged = [r for r in rows if not r.get("requires_image") and panels(r)]
        if judged:
            sets[path.name.removesuffix(".jsonl.gz")] = judged
    return sets


def panels(record: Record) -> list[tuple[Record, ...]]:
    """The first models of three vendors, then their second ones, and so on, where all were judged."""
    by_vendor: dict[str, list[Record]] = defaultdict(list)
    for answer in record.get("answers", ()):
        by_vendor[answer["vendor"]].append(answer)
    most = max(map(len, by_vendor.values()), default=0)
    seats = ([a[k] for a in by_vendor.values() if len(a) > k][:PANEL] for k in range(most))
    return [
        tuple(panel)
        for panel in seats
        if len(panel) == PANEL and all(a["correct"] is not None and a["text"] for a in panel)
    ]


def fit_topics(records: Records) -> tuple[Array, Array]:
    """Mean and principal components of the questions' token vectors, scaled to unit variance."""
    embedder = StaticEmbedder()
    texts = [
        row["prompt"]
        for rows in records.values()
        for row in rows[:: max(1, len(rows) // QUESTIONS_A_SET)][:QUESTIONS_A_SET]
        if row["language"] == "en"
    ]
    vectors = embedder.embed(texts)[:, :TOKEN_DIMENSIONS].astype(np.float64)
    mean = vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(vectors - mean, full_matrices=False)
    components = axes[:TOPICS].T
    spread = ((vectors - mean) @ components).std(axis=0)
    return mean.astype(np.float32), (components / spread).astype(np.float32)


def ballots(records: Records, topics: Topics) -> Iterable[Case]:
    """Every ballot of one, two and three answers of every panel; a panel's sizes count the same."""
    embedder = StaticEmbedder()
    for dataset, rows in records.items():
        for row in rows:
            question = read_question(row["prompt"])
            computed = remembered_answer(question.text)
            for panel in panels(row):
                attempts = [
                    Attempt(a["vendor"], a["vendor"], a["model"], 1, 0.0, text=a["text"])
                    for a in panel
                ]
                readings = [read_answer(question, a.text or "") for a in attempts]
                for n in range(1, len(panel) + 1):
                    chosen = list(combinations(range(len(panel)), n))
                    for some in chosen:
                        compared = compare_readings(
                            question,
                            tuple(attempts[i] for i in some),
                            tuple(readings[i] for i in some),
                            {},
                            embedder,
                        )
                        ballot = cast_ballot(question, compared, topics=topics, computed=computed)
                        right = [bool(panel[some[m[0]]]["correct"]) for m in ballot.groups]
                        first = right.index(True) if True in right else len(right)
                        yield Case(dataset, ballot, first, 1.0 / len(chosen))


def fit(cases: Sequence[Case]) -> TrustParameters:
    """The parameters of the highest posterior, every group's correctness being known."""
    sets = sorted({case.dataset for case in cases})
    rows = rows_of([case.ballot for case in cases], [])
    figures = np.zeros((*rows.figures.shape[:2], len(GENERAL) + len(sets)))
    figures[:, :, : len(GENERAL)] = rows.figures
    mass: dict[str, float] = defaultdict(float)
    for case in cases:
        mass[case.dataset] += case.weight
    weight = np.array([c.weight * WEIGHT / len(sets) / mass[c.dataset] for c in cases])
    for n, case in enumerate(cases):
        last = len(case.ballot.groups)
        own = len(GENERAL) + sets.index(case.dataset)
        figures[n, last, own] = rows.figures[n, last, GENERAL.index("none")]
    right = np.array([case.right for case in cases])
    start = np.zeros(figures.shape[2])
    start[0], start[GENERAL.index("sign_computed")] = 1.0, COMPUTED
    precision = np.full(len(start), 1.0 / SET_SPREAD**2)
    precision[: len(GENERAL)] = [_precision(name) for name in GENERAL]
    found, each = start.copy(), np.arange(len(cases))
    for _ in range(50):
        scores = figures @ found + rows.fixed
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        expected = np.einsum("nk,nkf->nf", shares, figures)
        slope = weight @ (figures[each, right] - expected) - precision * (found - start)
        spread = np.einsum(
            "nk,nkf,nkg->fg", shares * weight[:, None], figures, figures, optimize=True
        )
        information = np.diag(precision) + spread - (expected * weight[:, None]).T @ expected
        step = np.linalg.solve(information, slope)
        found += step * min(1.0, 1.0 / np.abs(step).max())
        if np.abs(step).max() < 1e-6:
            break
    return general_parameters(found[: len(GENERAL)].tolist())


def _precision(name: str) -> float:
    for prefix, precision in PRECISION.items():
        if name.startswith(prefix):
            return precision
    return 0.01


def held_out(cases: Sequence[Case]) -> None:
    """Print how ballots of three fare on each set under the prior of the other sets, and of all."""
    print(f"\n{'ballots of three':24}{'':>7}{'fitted without the set':>32}{'with it':>32}")
    print(f"{'set':24}{'n':>7}" + f"{'right':>8}{'stated':>8}{'ECE':>8}{'AUROC':>8}" * 2)
    shipped = LogitTrust(fit(cases))
    rows = []
    for dataset in sorted({case.dataset for case in cases}):
        three = [c for c in cases if c.dataset == dataset and len(c.ballot.voters) == PANEL]
        without = LogitTrust(fit([case for case in cases if case.dataset != dataset]))
        row = (*_judged(without, three), *_judged(shipped, three))
        rows.append(row)
        print(f"{dataset:24}{len(three):>7}" + "".join(f"{x:>8.3f}" for x in row))
    mean = np.nanmean(np.array(rows, dtype=float), axis=0)
    print(f"{'mean':24}{'':>7}" + "".join(f"{x:>8.3f}" for x in mean))


def _judged(model: LogitTrust, cases: Sequence[Case]) -> tuple[float, float, float, float]:
    """Share of right choices, mean confidence, ECE and AUROC of a model on some cases."""
    stated, right = [], []
    for case in cases:
        chances = model.probabilities(case.ballot, {})
        best = int(np.argmax(np.round(chances, 9)))
        stated.append(chances[best])
        right.append(best == case.right)
    s, r = np.array(stated), np.array(right)
    return float(r.mean()), float(s.mean()), float(ece(s, r)[0]), float(auroc(s, r)[0])


if __name__ == "__main__":
    main()
