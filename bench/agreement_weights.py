"""Fits what rules and the entailment model count for where both speak of a pair of answers.

``WALLBOUNCE_NLI_DATA=<folder> python -m bench.agreement_weights`` reads ``dev.jsonl.gz`` there, which
the model was not trained on: a JSON object a line with ``source, premise, hypothesis, question`` (or
null) and ``label``: entailment and equivalent are the same answer, contradiction and not_equivalent
another; neutral pairs are left out. It writes ``consensus/agreement/weights.json`` and prints, for
each source held out in turn, how the weights of the others tell its pairs apart.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import sys
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from rich.progress import track

from consensus.agreement.conclusion import conclusion
from consensus.agreement.judging import FIGURES, WEIGHTS_FILE, evidence
from consensus.agreement.likeness import Reason
from consensus.agreement.rules import Compared, rule
from consensus.answers import read_question
from consensus.embedding.static import StaticEmbedder
from consensus.entailment.shipped import MODEL_FOLDER, OnnxEntailment
from consensus.nearness import Nearness
from consensus.reading import read_answer
from consensus.relevance import question_words
from learning.backtest.discrimination import auroc

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from consensus.embedding.embedder import Embedder
    from consensus.entailment.judgement import Entailment

    Vector = NDArray[np.float64]

SAME: Final = {
    "entailment": True,
    "equivalent": True,
    "contradiction": False,
    "not_equivalent": False,
}
MAX_ROWS: Final = 500
"""Pairs of one source; beyond that a source says little more."""

LEARNED = frozenset({"jnli"})
"""Sources whose pairs here the shipped model has learned from (its card tells why): of these it knows more
than it will of others."""

RIDGE: Final = 2.0
"""Pulls weights towards 0, as that many pairs would that tell nothing (Hoerl and Kennard 1970)."""

STEPS: Final = 30
"""Of Newton's method, which settles in fewer than ten."""

REASONS: Final = tuple(
    r
    for r in Reason
    if r
    not in {
        Reason.ENTAILED,
        Reason.CONFLICTING,
        Reason.NEITHER,
        Reason.ALIKE_IN_WORDING,
        Reason.UNLIKE_IN_WORDING,
    }
)


class Pair(NamedTuple):
    """What is weighed of a pair, and whether it is the same answer."""

    source: str
    same: bool
    features: Vector


def read_pairs(file: Path, embedder: Embedder, entailment: Entailment) -> list[Pair]:
    """The pairs of ``file`` that types and rules leave open, judged by the model."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        records = [record for line in lines if (record := json.loads(line))["label"] in SAME]
    by_source: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        if record["source"] not in LEARNED:
            by_source[record["source"]].append(record)
    rng = random.Random(0)
    kept = [
        record
        for _, group in sorted(by_source.items())
        for record in (group if len(group) <= MAX_ROWS else rng.sample(group, MAX_ROWS))
    ]
    found = (_pair(record, embedder, entailment) for record in track(kept, "judging pairs"))
    return [pair for pair in found if pair is not None]


def _pair(record: dict[str, Any], embedder: Embedder, entailment: Entailment) -> Pair | None:
    question = read_question(record["question"] or "")
    readings = [read_answer(question, record[side]) for side in ("premise", "hypothesis")]
    nearness = Nearness(embedder, [question.text, *(r.text for r in readings)])
    first, second = map(Compared, readings)
    ruled = rule(question, first, second, partial(nearness.cosine, 1, 2))
    if ruled.firm:
        return None
    asked = question_words(question)
    told = tuple(conclusion(reading, asked, question.language) for reading in readings)
    judgement = entailment.compare(question.text, [(told[0], told[1])])[0]
    if judgement is None:
        sys.exit("the model could not judge a pair")
    found = evidence(ruled.likeness, judgement, (told[0], told[1]))
    flags = [float(ruled.likeness.reason is reason) for reason in REASONS]
    features = np.array([*(found[name] for name in FIGURES), *flags])
    return Pair(record["source"], SAME[record["label"]], features)


def fit(pairs: Sequence[Pair]) -> Vector:
    """Ridge logistic regression; every source and, within it, either outcome counts the same."""
    x = np.stack([pair.features for pair in pairs])
    y = np.array([float(pair.same) for pair in pairs])
    counts: dict[tuple[str, bool], int] = defaultdict(int)
    for pair in pairs:
        counts[pair.source, pair.same] += 1
    share = np.array([1.0 / counts[pair.source, pair.same] for pair in pairs])
    share *= len(pairs) / share.sum()
    ridge = np.full(x.shape[1], RIDGE)
    weights = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = 1.0 / (1.0 + np.exp(-x @ weights))
        slope = x.T @ (share * (p - y)) + ridge * weights
        bend = (x * (share * p * (1.0 - p))[:, None]).T @ x + np.diag(ridge)
        weights -= np.linalg.solve(bend, slope)
    return weights


def held_out(pairs: Sequence[Pair]) -> Iterable[tuple[str, int, float]]:
    """Name, pairs and AUROC of every source that has both outcomes, by the weights of the others."""
    for source in sorted({pair.source for pair in pairs}):
        own = [pair for pair in pairs if pair.source == source]
        same = np.array([pair.same for pair in own])
        if same.any() and not same.all():
            weights = fit([pair for pair in pairs if pair.source != source])
            scores = np.stack([pair.features for pair in own]) @ weights
            yield source, len(own), float(auroc(scores, same)[0])


def main() -> None:
    """Fit, print, write."""
    if "WALLBOUNCE_NLI_DATA" not in os.environ:
        sys.exit("WALLBOUNCE_NLI_DATA names the folder with dev.jsonl.gz")
    folder = Path(os.environ["WALLBOUNCE_NLI_DATA"])
    # No budget: every pair is to be judged.
    entailment = OnnxEntailment(
        Path(os.environ.get("WALLBOUNCE_ENTAILMENT_MODEL", MODEL_FOLDER)), budget_ms=1e9
    )
    pairs = read_pairs(folder / "dev.jsonl.gz", StaticEmbedder(), entailment)
    for source, count, figure in held_out(pairs):
        print(f"{source:24} {count:5} {figure:.3f}")
    weights = [round(float(w), 3) for w in fit(pairs)]
    document = {
        "about": (
            f"python -m bench.agreement_weights: ridge logistic regression on {len(pairs)} pairs of "
            "public entailment and answer-equivalence sets that the model was not trained on "
            "(docs/consensus.md), each source and outcome counting the same"
        ),
        "weights": {
            **dict(zip(FIGURES, weights, strict=False)),
            "reasons": dict(zip(REASONS, weights[len(FIGURES) :], strict=True)),
        },
    }
    WEIGHTS_FILE.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
