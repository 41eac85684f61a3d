"""``python -m bench.entailment``: what the shipped entailment model knows and what it costs.

``WALLBOUNCE_EVAL_DATA`` names the folder of labelled pairs: ``truthfulqa_pairs.jsonl.gz`` (seen
neither in training nor in any choice made for it) and ``nli/{dev,test}.jsonl.gz``. Without it only
the cost is measured.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from bench.figures import PROGRESS, Bar, Result, Spread, publish
from consensus.entailment.shipped import MODEL_FILE, MODEL_FOLDER, OnnxEntailment
from consensus.entailment.train.corpus import LABELS, NOT_AGREE, ONLY_NOT_ENTAILED
from consensus.entailment.train.figures import Figures, auroc, figures

ROUNDS = 5
CALLS = 20
ROWS = 300
"""Pairs of one source that are judged."""

QUESTION = "Why does the sky look blue to us during most of the day?"
ANSWERS = (
    (
        "The sky looks blue because molecules of air scatter short waves of sunlight far more strongly than long"
        " ones, so that scattered blue light reaches our eyes from everywhere."
    ),
    (
        "It appears blue since the oceans reflect their colour up into the air, and on days with a calm"
        " sea the reflected light is strong enough to paint all of it."
    ),
    (
        "Sunlight contains all colours, but its blue part is scattered most by the gases of the atmosphere, which"
        " is why we see blue wherever we look above the horizon."
    ),
)
"""Thirty words each."""

LOADING = """
import json, psutil, time
from consensus.entailment.shipped import OnnxEntailment
import numpy, logging
process = psutil.Process()
before, began, cpu = process.memory_info().rss, time.perf_counter(), time.process_time()
assert OnnxEntailment().warm()
print(json.dumps({"rss_mb": (process.memory_info().rss - before) / 2**20,
    "load_ms": (time.perf_counter() - began) * 1e3, "load_cpu_ms": (time.process_time() - cpu) * 1e3}))
"""


def cost() -> Spread:
    """Thread CPU, in milliseconds, of the three pairs of three answers; one entry a round."""
    model = OnnxEntailment(budget_ms=inf)
    pairs = [(ANSWERS[i], ANSWERS[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    model.compare(QUESTION, pairs)
    rounds = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for call in range(CALLS):
            judged = model.compare(f"{QUESTION} {call}", pairs)
            if None in judged:
                raise RuntimeError("the model is missing: nothing was judged")
        rounds.append((time.thread_time() - began) * 1e3 / CALLS)
    return Spread(tuple(rounds))


def loading() -> dict[str, float]:
    """Memory added and time taken by the first pair, in a fresh process."""
    ran = subprocess.run([sys.executable, "-c", LOADING], check=True, capture_output=True)
    loaded: dict[str, float] = json.loads(ran.stdout)
    return loaded


def read(file: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def judge(model: OnnxEntailment, rows: list[tuple[str, str, str]], what: str) -> np.ndarray:
    """Probabilities (rows, 3) of question, answer, answer."""
    found = []
    for question, first, second in track(rows, what, console=PROGRESS):
        (judged,) = model.compare(question, [(first, second)])
        if judged is None:
            raise RuntimeError("the model is missing: nothing was judged")
        found.append((judged.agree, judged.neutral, judged.conflict))
    return np.array(found)


def truthful(model: OnnxEntailment, folder: Path) -> dict[str, float]:
    """AUROC of agree against contradict over the safer labels and over all."""
    pairs = read(folder / "truthfulqa_pairs.jsonl.gz")
    shares = judge(model, [(p["question"], p["a"], p["b"]) for p in pairs], "pairs kept aside")
    lean = shares[:, 0] - shares[:, 2]
    agrees = np.array([p["label"] == "agree" for p in pairs])
    strict = np.array([bool(p["strict"]) for p in pairs])
    return {"strict": auroc(lean[strict], agrees[strict]), "all": auroc(lean, agrees)}


def by_source(model: OnnxEntailment, folder: Path) -> Figures:
    """Figures of each source's test split, or of its dev split where it has no other."""
    sources: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in read(folder / "nli" / "test.jsonl.gz"):
        sources[row["source"]].append(row)
    tested = set(sources)
    for row in read(folder / "nli" / "dev.jsonl.gz"):
        if row["source"] not in tested:
            sources[f"{row['source']} (dev)"].append(row)
    rng = random.Random(0)
    rows: list[dict[str, Any]] = []
    names: list[str] = []
    for name, group in sorted(sources.items()):
        chosen = group if len(group) <= ROWS else rng.sample(group, ROWS)
        rows += chosen
        names += [name] * len(chosen)
    shares = judge(
        model, [(r["question"] or "", r["premise"], r["hypothesis"]) for r in rows], "sources"
    )
    allowed = [
        NOT_AGREE
        if r["label"] == "not_equivalent" and r["source"] in ONLY_NOT_ENTAILED
        else LABELS[r["label"]]
        for r in rows
    ]
    return figures(shares, names, allowed)


def run() -> Result:
    """Measure everything there is data for."""
    model = OnnxEntailment(budget_ms=inf)
    spent = cost()
    size = (MODEL_FOLDER / MODEL_FILE).stat().st_size / 1e6
    loaded = loading()
    document: dict[str, Any] = {"ms": spent.json(), "model_mb": round(size, 1), **loaded}
    table = [
        ("thread CPU of three 30-word answers, ms", str(spent), ""),
        ("model file, MB", f"{size:.1f}", ""),
        ("memory added, MB", f"{loaded['rss_mb']:.0f}", ""),
        ("first pair: wall ms, CPU ms", f"{loaded['load_ms']:.0f}", f"{loaded['load_cpu_ms']:.0f}"),
    ]
    bars = [Bar("three 30-word answers, ms", 40.0, spent.median)]
    if folder := os.environ.get("WALLBOUNCE_EVAL_DATA"):
        aside = truthful(model, Path(folder))
        found = by_source(model, Path(folder))
        document["pairs"] = aside
        document["sources"] = {
            name: {"rows": rows, "auroc": found.auroc[name], "accuracy": found.accuracy[name]}
            for name, rows in found.rows.items()
        }
        bars += [
            Bar("1 - AUROC, pairs kept aside, safer labels", 0.12, 1 - aside["strict"]),
            Bar("1 - AUROC, pairs kept aside, all", 0.33, 1 - aside["all"]),
        ]
        table += [(f"kept aside, {name}", f"{value:.3f}", "") for name, value in aside.items()]
        table += [
            (f"{name}, {rows} pairs", f"{found.auroc[name]:.3f}", f"{found.accuracy[name]:.3f}")
            for name, rows in sorted(found.rows.items())
        ]
    return Result(
        "entailment", document, ("figure", "value / AUROC", "accuracy"), table, tuple(bars)
    )


if __name__ == "__main__":
    sys.exit(0 if publish(run()) else 1)
