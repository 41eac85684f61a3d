"""Training pairs are labelled for agreement, cut to size, and drawn evenly over their sources."""

import gzip
import json
import random
from collections import Counter

import pytest

from consensus.entailment.encoding import MAX_TOKENS, PairEncoder, Row
from consensus.entailment.train.corpus import (
    AGREE,
    CONFLICT,
    NEUTRAL,
    Example,
    batches,
    epoch,
    examples,
)

ENCODER = PairEncoder(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "yes", "no", "not", "so", "."])


def written(folder, *records):
    for split in ("train", "dev", "test"):
        with gzip.open(folder / f"{split}.jsonl.gz", "wt", encoding="utf-8") as file:
            for record in records:
                if record.get("split", "train") == split:
                    file.write(json.dumps({"question": None, "language": "en", **record}) + "\n")
    return folder


@pytest.mark.parametrize(
    ("source", "label", "allowed"),
    [
        ("a corpus", "entailment", (AGREE,)),
        ("a corpus", "equivalent", (AGREE,)),
        ("a corpus", "neutral", (NEUTRAL,)),
        ("a corpus", "contradiction", (CONFLICT,)),
        pytest.param("a corpus", "not_equivalent", (CONFLICT,), id="one right, one wrong"),
        pytest.param("janli", "not_equivalent", (NEUTRAL, CONFLICT), id="only not entailed"),
        pytest.param("janli", "entailment", (AGREE,), id="its other label is as any"),
    ],
)
def test_a_label_says_which_classes_it_allows(tmp_path, source, label, allowed):
    folder = written(
        tmp_path, {"source": source, "label": label, "premise": "yes", "hypothesis": "no"}
    )

    assert [pair.allowed for pair in examples(folder, "train", ENCODER)] == [allowed]


def test_a_source_that_is_left_out_is_not_read(tmp_path):
    row = {"label": "not_equivalent", "premise": "yes", "hypothesis": "no"}

    assert examples(written(tmp_path, {"source": "halueval_qa", **row}), "train", ENCODER) == []


def test_a_source_without_a_train_split_is_learned_from_its_dev_split(tmp_path):
    row = {"label": "neutral", "premise": "yes", "hypothesis": "no"}
    folder = written(
        tmp_path,
        *({"source": "jnli", "split": split, **row} for split in ("dev", "test")),
        *({"source": "other", "split": split, **row} for split in ("train", "dev", "test")),
    )

    sources = {
        split: [pair.source for pair in examples(folder, split, ENCODER)]
        for split in ("train", "dev", "test")
    }

    assert sources == {"train": ["other", "jnli"], "dev": ["other"], "test": ["jnli", "other"]}


def test_a_row_that_the_cut_would_harm_is_no_training_pair(tmp_path):
    row = {"source": "a", "label": "neutral", "premise": "no " * 200, "hypothesis": "yes"}
    folder = written(tmp_path, row)

    assert examples(folder, "train", ENCODER) == []
    (kept,) = examples(folder, "train", ENCODER, long_rows=True)
    assert len(kept.row.tokens) <= MAX_TOKENS


def test_of_a_long_answer_to_a_question_the_last_sentence_counts(tmp_path):
    long = "no " * 200 + ". so not"
    row = {
        "source": "a",
        "label": "equivalent",
        "question": "yes",
        "premise": long,
        "hypothesis": long,
    }

    (pair,) = examples(written(tmp_path, row), "train", ENCODER)

    assert pair.row.tokens == ENCODER.row(*map(ENCODER.read, ("yes", "so not", "so not"))).tokens


def pair(source="a", length=10, allowed=(AGREE,)):
    return Example(source, Row([5] * length, [0] * length), allowed)


def test_an_epoch_takes_no_more_of_a_source_and_label_than_its_share():
    pairs = [pair("a")] * 9_000 + [pair("a", allowed=(CONFLICT,))] * 10 + [pair("jamp")] * 9_000

    drawn = Counter((one.source, one.allowed) for one in epoch(pairs, random.Random(1)))

    assert drawn == {("a", (AGREE,)): 4_000, ("a", (CONFLICT,)): 10, ("jamp", (AGREE,)): 1_500}


def test_the_same_seed_draws_the_same_epoch():
    pairs = [pair("a", length) for length in range(1, 100)] * 60

    assert epoch(pairs, random.Random(3)) == epoch(pairs, random.Random(3))
    assert epoch(pairs, random.Random(3)) != epoch(pairs, random.Random(4))


def test_batches_hold_every_pair_once_and_little_padding():
    rng = random.Random(5)
    pairs = [pair(str(at), rng.randint(5, 112)) for at in range(5_000)]

    cut = list(batches(pairs, 2_560, rng))

    assert sorted(one.source for batch in cut for one in batch) == sorted(
        one.source for one in pairs
    )
    padded = sum(len(batch) * max(len(one.row.tokens) for one in batch) for batch in cut)
    assert padded < 1.05 * sum(len(one.row.tokens) for one in pairs)
    assert max(len(batch) * max(len(one.row.tokens) for one in batch) for batch in cut) <= 2_560
