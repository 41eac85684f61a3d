"""Any entailment cross-encoder by name, with the extra ``transformers``."""

import sys

import pytest

from consensus.entailment.transformers import NotAnEntailmentModelError, TransformersEntailment
from tests.support.extras import extra

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "yes", "no", "why", "it", "is", "blue"]


def tiny_model(folder, labels):
    """A BERT of random weights, as a folder with its files."""
    extra("sentence_transformers", "make test-transformers")
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    (folder / "vocab.txt").write_text("\n".join(WORDS))
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, id2label=dict(enumerate(labels)), initializer_range=0.9,
        label2id={label: number for number, label in enumerate(labels)},
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizerFast(vocab_file=str(folder / "vocab.txt")).save_pretrained(folder)
    return str(folder)


def test_without_the_extra_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(ImportError, match=r"pip install 'wallbounce\[transformers\]'"):
        TransformersEntailment("any/model").compare("why", [("yes", "no")])


@pytest.mark.transformers
def test_the_model_s_own_label_names_say_which_column_is_which(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    one = tiny_model(tmp_path / "one", ["contradiction", "entailment", "neutral"])
    other = tiny_model(tmp_path / "other", ["ENTAILMENT", "NEUTRAL", "CONTRADICTION"])
    pairs = [("yes", "no it is blue")]

    (first,) = TransformersEntailment(one).compare("why", pairs)
    (second,) = TransformersEntailment(other).compare("why", pairs)

    assert (first.conflict, first.agree, first.neutral) == pytest.approx(
        (second.agree, second.neutral, second.conflict), abs=1e-6
    )
    assert first.agree + first.neutral + first.conflict == pytest.approx(1, abs=1e-5)


@pytest.mark.transformers
def test_the_order_of_a_pair_does_not_matter(tmp_path):
    model = TransformersEntailment(tiny_model(tmp_path, ["contradiction", "entailment", "neutral"]))

    one, other = model.compare("why", [("yes", "no it is"), ("no it is", "yes")])

    assert one.agree == pytest.approx(other.agree, abs=1e-6)


@pytest.mark.transformers
def test_a_model_with_other_labels_is_refused_by_name(tmp_path):
    model = TransformersEntailment(tiny_model(tmp_path, ["good", "bad", "ugly"]))

    with pytest.raises(NotAnEntailmentModelError, match="good, bad, ugly"):
        model.compare("why", [("yes", "no")])


@pytest.mark.transformers
def test_no_pairs_load_nothing():
    assert TransformersEntailment("no/such/model").compare("why", []) == []
