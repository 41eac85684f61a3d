"""WordPiece agrees with the `tokenizers` package on running text."""

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece as OracleWordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from consensus.embedding.static import MODEL_FOLDER, VOCABULARY_FILE
from consensus.embedding.wordpiece import WordPiece

TOKENS = (MODEL_FOLDER / VOCABULARY_FILE).read_text(encoding="utf-8").split("\n")
UNKNOWN = TOKENS.index("[UNK]")


@pytest.fixture(scope="module")
def oracle() -> Tokenizer:
    numbers = {token: n for n, token in enumerate(TOKENS)}
    tokenizer = Tokenizer(OracleWordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return tokenizer


@pytest.mark.parametrize(
    "text",
    [
        "The quick brown fox jumps over the lazy dog.",
        "Photosynthesis (6CO2 + 6H2O -> C6H12O6 + 6O2) needs chlorophyll!",
        "def add(first_value, second):\n    return first_value + second  # 1.5e-3",
        "Café, naïve, Übermut and São Paulo; it's $3.50, isn't it?",
        "antidisestablishmentarianism supercalifragilistic",
        "x" * 101 + " known",
        "Привет, мир",
    ],
)
def test_tokens_are_those_of_the_reference(oracle, text):
    expected = [n for n in oracle.encode(text).ids if n != UNKNOWN]

    assert WordPiece(TOKENS).encode(text) == expected


def test_japanese_is_left_to_the_ngrams():
    wordpiece = WordPiece(TOKENS)

    assert wordpiece.encode("東京は日本のcapitalです。") == wordpiece.encode("capital 。")
