"""Whether a question is asked in Japanese or in English, so that we speak to models in kind."""

from __future__ import annotations

import re
from enum import StrEnum

LETTERS_A_WORD = 2
"""Japanese characters that say about as much as one word in Latin letters."""

_JAPANESE = re.compile(r"[\u3041-\u30ff\u31f0-\u31ff\u3400-\u9fff\uff66-\uff9f々〆]")
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_LATIN_WORD = re.compile(r"[A-Za-z]+")


class Language(StrEnum):
    """A language our prompts are written in."""

    ENGLISH = "en"
    JAPANESE = "ja"


def language_of(text: str) -> Language:
    """The language that carries most of the text; English when there is nothing to go by.

    Japanese written with English terms stays Japanese, and an English question about a Japanese
    word stays English. Kanji without any kana is read as Japanese, too: of our two languages it
    can only be that one.
    """
    japanese = len(_JAPANESE.findall(text)) / LETTERS_A_WORD
    latin = len(_LATIN_WORD.findall(text))
    if japanese == latin:
        return Language.JAPANESE if _KANA.search(text) else Language.ENGLISH
    return Language.JAPANESE if japanese > latin else Language.ENGLISH
