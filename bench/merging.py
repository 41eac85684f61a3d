"""How often the check of merged texts notices what no vendor said, and lets pass what one did.

    WALLBOUNCE_EVAL_DATA=<folder> python -m bench.merging

The folder holds JSON lines (gzip), one record a prompt: ``prompt``, ``language``, ``answers`` with
``vendor`` and ``text``; and ``nli/test.jsonl.gz`` with ``source``, ``premise``, ``hypothesis`` and ``label``. Into
the text of the first vendor of a record one sentence is put that was changed, and
the check, which knows the texts of all three, either notices it or not:

- foreign: a sentence of an answer to another prompt of the same file;
- number, name, negation: a sentence of its own with another number, another name, turned round.

Of pairs, the hypothesis is checked against the premise alone: what it entails should pass, what it
contradicts should be noticed. The figures are also written to ``bench/out/merging.json``.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

from consensus.embedding.static import StaticEmbedder
from consensus.merging.sentences import MAX_SENTENCES, sentences
from consensus.merging.sources import Sources
from consensus.merging.support import Support
from consensus.prompts import MAX_ANSWER_CHARS

OUT = Path(__file__).parent / "out" / "merging.json"
RECORDS_A_FILE = 60
PAIRS_A_LABEL = 200
PAIRS_OF = ("fever_dev", "jnli", "mnli_dev", "summedits")
"""Sources whose pairs are sentences, as merged texts are; the others are short answers or templates."""

VENDORS = 3
SEED = 7

_NUMBER = re.compile(r"(?<![\w.,])\d+(?![\w.,]*\d)")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b|[ァ-ヴー]{4,}")
_VERB = re.compile(r"\b(?:is|are|was|were|can|will|should|does|has)\b(?! not)")
_ENDS_JA = (("です。", "ではありません。"), ("ます。", "ません。"), ("である。", "ではない。"))


def main() -> None:
    """Print the rates of each file, and keep them."""
    folder = Path(os.environ["WALLBOUNCE_EVAL_DATA"])
    embedder = StaticEmbedder()
    figures: dict[str, dict[str, float]] = {}
    for path in sorted(folder.glob("*.jsonl.gz")):
        if "_pairs" not in path.name:
            figures[path.name.removesuffix(".jsonl.gz")] = _records(_sample(path), embedder)
    figures |= _pairs(_sample(folder / "nli" / "test.jsonl.gz"), embedder)
    for name, figure in figures.items():
        if figure:
            print(name.ljust(18), "  ".join(f"{k} {v:.3f}" for k, v in figure.items()))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=2) + "\n")


def _sample(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = list(map(json.loads, lines))
    random.Random(SEED).shuffle(rows)
    return rows


def _records(rows: list[dict[str, Any]], embedder: StaticEmbedder) -> dict[str, float]:
    """Of each kind of change, the part that is noticed; ``cpu_ms`` a check, the median."""
    rng = random.Random(SEED)
    noticed: dict[str, list[bool]] = defaultdict(list)
    spent = []
    usable = [(row["prompt"], texts) for row in rows if len(texts := _texts(row)) == VENDORS]
    for at, (prompt, texts) in enumerate(usable[:RECORDS_A_FILE]):
        support = Support(Sources(prompt, texts), embedder)
        everything = "\n".join([prompt, *texts])
        own = [s.text for s in sentences(texts[0]) if s.states and not s.code]
        other = usable[at - 1][1][0]
        told = [s.text for s in sentences(other) if len(s.whole.words) > VENDORS and not s.code]
        if not own or not told:
            continue
        changed = {"foreign": rng.choice(told)}
        for name, change in _CHANGES.items():
            found = [new for s in rng.sample(own, len(own)) if (new := change(s, rng, everything))]
            changed |= {name: found[0]} if found else {}
        for name, sentence in changed.items():
            began = time.thread_time()
            found_at = support.check(f"{texts[0]}\n\n{sentence}")
            spent.append((time.thread_time() - began) * 1000)
            noticed[name].append(any(f.sentence.end > len(texts[0]) for f in found_at))
    rates = {name: sum(seen) / len(seen) for name, seen in sorted(noticed.items())}
    return rates | {"cpu_ms": median(spent)} if spent else {}


def _pairs(rows: list[dict[str, Any]], embedder: StaticEmbedder) -> dict[str, dict[str, float]]:
    """By source and label, the part of the hypotheses in which something is noticed."""
    noticed: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in rows:
        seen = noticed[row["source"], row["label"]]
        if row["source"] in PAIRS_OF and len(seen) < PAIRS_A_LABEL:
            support = Support(Sources("", [row["premise"]]), embedder)
            seen.append(bool(support.check(row["hypothesis"])))
    rates: dict[str, dict[str, float]] = defaultdict(dict)
    for (source, label), seen in sorted(noticed.items()):
        if seen:
            rates[source][label] = sum(seen) / len(seen)
    return rates


def _texts(row: dict[str, Any]) -> list[str]:
    """One answer each of three vendors, none of them longer than an aggregator is shown."""
    by_vendor = {a["vendor"]: a["text"] for a in row["answers"] if a.get("text")}
    texts = list(by_vendor.values())[:VENDORS]
    readable = all(
        len(text) <= MAX_ANSWER_CHARS and len(sentences(text)) < MAX_SENTENCES - 1 for text in texts
    )
    return texts if readable else []


def _other_number(sentence: str, rng: random.Random, everything: str) -> str | None:
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return None
    spot = rng.choice(found)
    new = next(n for n in iter(lambda: str(rng.randint(13, 9_999)), "") if n not in everything)
    return sentence[: spot.start()] + new + sentence[spot.end() :]


def _other_name(sentence: str, rng: random.Random, everything: str) -> str | None:
    found = list(_NAME.finditer(sentence))
    if not found:
        return None
    spot = rng.choice(found)
    new = "Kowalczyk" if spot[0].isascii() else "ソーンベリー"
    return None if new in everything else sentence[: spot.start()] + new + sentence[spot.end() :]


def _turned_round(sentence: str, rng: random.Random, everything: str) -> str | None:
    del rng, everything
    verb = _VERB.search(sentence)
    if verb is not None:
        return f"{sentence[: verb.end()]} not{sentence[verb.end() :]}"
    for end, turned in _ENDS_JA:
        if sentence.endswith(end):
            return sentence.removesuffix(end) + turned
    return None


_CHANGES = {"number": _other_number, "name": _other_name, "negation": _turned_round}

if __name__ == "__main__":
    main()
