"""The training pairs: read, labelled for agreement, cut to size and drawn evenly over sources."""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from consensus.entailment.encoding import MAX_TOKENS
from consensus.entailment.train.turning import turned

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from consensus.entailment.encoding import PairEncoder, Row

AGREE, NEUTRAL, CONFLICT = range(3)

LABELS: Final = {
    "entailment": (AGREE,),
    "equivalent": (AGREE,),
    "neutral": (NEUTRAL,),
    "contradiction": (CONFLICT,),
    "not_equivalent": (CONFLICT,),
}
"""Label to the classes it allows. One of two answers judged right and the other wrong: conflict."""

NOT_AGREE: Final = (NEUTRAL, CONFLICT)

ONLY_NOT_ENTAILED: Final = frozenset({"janli", "jsts"})
"""Sources whose ``not_equivalent`` says no more than "does not follow" or "unlike"."""

LEFT_OUT: Final = frozenset({"halueval_qa"})
"""One class only, told by its style; and its licence is stated elsewhere than with the copy."""

ROWS_PER_CLASS: Final = 4000
LEARNED_FROM_DEV: Final = frozenset({"jnli"})
"""Sources without a train split here: their dev split is learned from, their test split is not."""

REPEATS: Final = {"jnli": 5, "jnli_neg": 4, "jsts": 3}
"""Times an epoch shows what there is little of: Japanese pairs that people wrote or labelled."""

TEMPLATE_ROWS_PER_CLASS: Final = {"janli": 1500, "jamp": 1500, "jsem": 2500, "breaking_nli": 1500}
"""Rows of one source and label in one epoch; template corpora teach their templates beyond that."""

TURNED: Final = "turned"
"""Name of the pairs made by `consensus.entailment.train.turning`, as if they were a source."""

LONG_ROW: Final = int(MAX_TOKENS * 1.3)
"""A row longer than this loses too much to the cut for its label to be trusted."""

_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+")


@dataclass(frozen=True, slots=True)
class Example:
    """One training pair.

    Attributes:
        source: Where it is from.
        row: Its tokens.
        allowed: The classes its label allows.
    """

    source: str
    row: Row
    allowed: tuple[int, ...]


def read(folder: Path, split: str) -> Iterator[dict[str, Any]]:
    """Read the records that are to serve as ``split`` (train, dev, test)."""
    for file in ("train", "dev") if split == "train" else (split,):
        with gzip.open(folder / f"{file}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                source = record["source"]
                learned = file == "train" or (file == "dev" and source in LEARNED_FROM_DEV)
                if source not in LEFT_OUT and learned == (split == "train"):
                    yield record


def examples(
    folder: Path, split: str, encoder: PairEncoder, *, long_rows: bool = False
) -> list[Example]:
    """Encode the pairs of ``split``; ``long_rows`` keeps those that the cut harms (cut all the same)."""
    found = []
    for record in read(folder, split):
        source, label = record["source"], record["label"]
        question = encoder.read(record["question"] or "")
        first, second = encoder.read(record["premise"]), encoder.read(record["hypothesis"])
        if len(question) + len(first) + len(second) > LONG_ROW:
            # A paragraph for or against says so in its last sentence.
            first = encoder.read(_SENTENCE_END.split(record["premise"].strip())[-1])
            second = encoder.read(_SENTENCE_END.split(record["hypothesis"].strip())[-1])
            if not long_rows and (
                not record["question"] or len(question) + len(first) + len(second) > LONG_ROW
            ):
                continue
        loose = label == "not_equivalent" and source in ONLY_NOT_ENTAILED
        allowed = NOT_AGREE if loose else LABELS[label]
        found.append(Example(source, encoder.row(question, first, second), allowed))
        if split == "train" and source in REPEATS and (made := turned(record["premise"])):
            plain, negated = map(encoder.read, made)
            found.append(Example(TURNED, encoder.row(question, first, plain), (AGREE,)))
            found.append(Example(TURNED, encoder.row(question, first, negated), (CONFLICT,)))
            found.append(Example(TURNED, encoder.row(question, plain, negated), (CONFLICT,)))
    return found


def epoch(pairs: Sequence[Example], rng: random.Random) -> list[Example]:
    """Draw one epoch: at most so many rows of each source and label, in random order."""
    cells: dict[tuple[str, tuple[int, ...]], list[Example]] = defaultdict(list)
    for pair in pairs:
        cells[pair.source, pair.allowed].append(pair)
    drawn: list[Example] = []
    for (source, _), cell in sorted(cells.items()):
        most = TEMPLATE_ROWS_PER_CLASS.get(source, ROWS_PER_CLASS)
        drawn.extend(cell * REPEATS.get(source, 1) if len(cell) <= most else rng.sample(cell, most))
    rng.shuffle(drawn)
    return drawn


def batches(
    pairs: Sequence[Example], tokens: int, rng: random.Random, *, pool: int = 3000
) -> Iterator[list[Example]]:
    """Cut ``pairs`` into batches of about ``tokens`` tokens of like length, so that little is padding."""
    for start in range(0, len(pairs), pool):
        near = sorted(pairs[start : start + pool], key=lambda pair: len(pair.row.tokens))
        cut: list[list[Example]] = [[]]
        for pair in near:
            if (len(cut[-1]) + 1) * len(pair.row.tokens) > tokens and cut[-1]:
                cut.append([])
            cut[-1].append(pair)
        rng.shuffle(cut)
        yield from cut
