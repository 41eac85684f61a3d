"""The vocabulary of the entailment model: what is of use of BERT's, and Japanese."""

from consensus.entailment.train.vocabulary import build

BASE = [
    "[PAD]",
    "[unused0]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "[",
    "cat",
    "##s",
    "é",
    "дом",
    "の",
    "日",
]


def test_the_vocabulary_keeps_what_is_of_use_and_adds_japanese():
    tokens = build(BASE, {"a": ["東京です"] * 9, "b": ["東京でした", "大阪でした"]})

    assert tokens[:10] == [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[",
        "cat",
        "##s",
        "é",
        "の",
        "日",
    ]
    assert {"が", "ヴ", "ー", "亜", "腕", "でした", "東京"} <= set(tokens[10:])
    assert len(set(tokens)) == len(tokens)


def test_one_source_cannot_fill_the_vocabulary_with_its_sentences():
    many = {"template": [f"甲乙{number:05}" for number in range(500)]}
    few = {source: [f"丙丁{source}{number}" for number in range(40)] for source in "xyz"}

    tokens = build(BASE, many | few)

    assert {"甲乙", "丙丁"} <= set(tokens)
