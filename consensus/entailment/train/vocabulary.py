"""The vocabulary: BERT's uncased English words that are of use here, and Japanese."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from consensus.entailment.encoding import FIRST, PAD, SEPARATOR, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FREQUENT_STRINGS: Final = 1600
"""Japanese strings of two to four characters that get a row of their own."""

LONGEST_STRING: Final = 4

SOURCE_CAP: Final = 60
"""Times one source counts for a string: template corpora repeat a few sentences thousands of times."""

_SPECIAL = (PAD, UNKNOWN, FIRST, SEPARATOR)
# ASCII, Latin letters without accents of their own, Greek (formulas), punctuation, symbols.
_USEFUL = re.compile(r"(##)?[!-~¡-ſͰ-Ͽ‐-⯿、-】]+")
_JAPANESE_CHAR = re.compile(r"[々-〇ぁ-ゖァ-ヺー㐀-鿿]")
_RUNS = re.compile(r"[一-鿿々]+|[ぁ-ゖ]+|[ァ-ヺー]+")


def build(base: Sequence[str], japanese: Mapping[str, Iterable[str]]) -> list[str]:
    """Choose the tokens: those of ``base`` first, then those it has not.

    Args:
        base: BERT's vocabulary.
        japanese: By source, the Japanese texts of the training split.
    """
    kept = [token for token in base if token in _SPECIAL or _is_useful(token)]
    have = set(kept)
    characters = [char for char in _characters() if char not in have]
    return [*kept, *characters, *_frequent_strings(japanese)]


def _is_useful(token: str) -> bool:
    if token.startswith("[") and len(token) > 1:
        return False  # [unused0], [MASK]
    return bool(_USEFUL.fullmatch(token) or _JAPANESE_CHAR.fullmatch(token))


def _characters() -> list[str]:
    """Kana, and the 2,965 kanji of JIS X 0208 level 1: what a newspaper prints."""
    kana = [chr(code) for code in (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB), 0x30FC, 0x3005)]
    cells = (bytes((row, cell)) for row in range(0xB0, 0xD0) for cell in range(0xA1, 0xFF))
    kanji = [cell.decode("euc_jp", errors="ignore") for cell in cells]
    return [*kana, *filter(None, kanji)]


def _frequent_strings(japanese: Mapping[str, Iterable[str]]) -> list[str]:
    total: Counter[str] = Counter()
    for texts in japanese.values():
        counts: Counter[str] = Counter()
        for text in sorted(set(texts)):
            for run in _RUNS.findall(text):
                for length in range(2, LONGEST_STRING + 1):
                    counts.update(run[at : at + length] for at in range(len(run) - length + 1))
        total.update({string: min(count, SOURCE_CAP) for string, count in counts.items()})
    # A longer string saves more tokens; the text breaks ties, so that the result is one and the same.
    ranked = sorted(total, key=lambda string: (-total[string] * (len(string) - 1), string))
    return sorted(ranked[:FREQUENT_STRINGS])
