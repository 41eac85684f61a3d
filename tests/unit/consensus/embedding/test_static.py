"""The static embedder: unit rows, the topic in English and Japanese, nothing read before use."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus.embedding.static import MAX_CHARS, MODEL_FOLDER, StaticEmbedder

EMBEDDER = StaticEmbedder()


def similarity(a: str, b: str) -> float:
    first, second = EMBEDDER.embed([a, b])
    return float(first @ second)


@given(st.lists(st.text(max_size=60), max_size=4))
def test_every_text_becomes_a_unit_row_or_zeros(texts):
    rows = EMBEDDER.embed(texts)

    lengths = np.linalg.norm(rows, axis=1)
    assert rows.shape == (len(texts), 768)
    assert np.isfinite(rows).all()
    assert all(abs(length - 1) < 1e-4 or length == 0 for length in lengths)


@pytest.mark.parametrize(
    ("question", "answer", "elsewhere"),
    [
        (
            "Why is the sky blue?",
            "Air scatters blue sunlight more than red.",
            "Bake the bread for forty minutes.",
        ),
        (
            "空が青いのはなぜですか。",
            "空気が太陽の青い光を散乱させるため、空は青く見えます。",
            "パンは四十分焼いてください。",
        ),
        (
            "Pythonのリストを逆順にする方法は？",
            "Pythonではreverse()でリストを逆順にします。",
            "京都の紅葉は十一月が見頃です。",
        ),
    ],
)
def test_an_answer_is_nearer_to_its_question_than_a_text_on_something_else(
    question, answer, elsewhere
):
    assert similarity(question, answer) > similarity(question, elsewhere) + 0.2


def test_voiced_and_unvoiced_kana_are_told_apart():
    assert similarity("ガラス", "カラス") < 0.7


def test_the_middle_of_a_very_long_text_is_not_read():
    head, tail = "apple " * 400, "pear " * 500
    long = head + "zebra " * 100_000 + tail

    assert similarity(long, head + tail) > 0.99
    assert len(long) > MAX_CHARS


def test_a_text_without_letters_known_to_the_model_is_all_zeros():
    assert not EMBEDDER.embed(["", " \n"]).any()


def test_the_shipped_model_stays_small():
    assert sum(file.stat().st_size for file in MODEL_FOLDER.iterdir()) < 9_000_000


def test_importing_and_constructing_reads_no_model_and_no_heavy_package(tmp_path: Path):
    code = (
        "import sys; from pathlib import Path\n"
        "from consensus.embedding.static import StaticEmbedder\n"
        "import consensus.embedding.transformers\n"
        f"StaticEmbedder(Path({str(tmp_path)!r}))\n"
        "heavy = {'torch', 'sentence_transformers', 'model2vec', 'tokenizers'}\n"
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
