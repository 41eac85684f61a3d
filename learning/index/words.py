"""The words a question is found by, English or Japanese. Pure.

Numbers, addresses and anything that looks like an identifier are left out: they say little about
what a question is about, and may name a person.
"""

from __future__ import annotations

import re
import unicodedata

MAX_CHARS = 4_000
"""Characters of a text that are read, half from its head and half from its tail."""

MAX_WORDS = 64
"""Words kept of a text, in the order they come."""

LONGEST = 24
"""Letters: longer tokens are keys, hashes or slips."""

MOST_DIGITS = 2
"""As in b12 or gpt4; more is a number or an identifier."""

KATAKANA_WHOLE = 6
"""Letters of a loanword that is kept whole; longer runs are several words written as one."""
KATAKANA_GRAM = 4

_ADDRESS = re.compile(
    r"""\b[a-z][a-z0-9+.-]*://\S+ | \bwww\.\S+ | \S+@\S+ |  # URLs, e-mails
        (?:\b[a-z]:)?(?:[\\/][\w.-]+){2,}""",  # paths
    re.IGNORECASE | re.VERBOSE,
)
_KANJI = r"\u3400-\u9fff\uf900-\ufaff々〆"
_KATAKANA = r"\u30a1-\u30faー"
_HIRAGANA = r"\u3041-\u309f"
_TOKEN = re.compile(
    rf"(?P<kanji>[{_KANJI}]+)"
    rf"|(?P<katakana>[{_KATAKANA}]+)"
    rf"|(?P<word>(?:(?![{_KANJI}{_KATAKANA}{_HIRAGANA}_])\w|(?<=\w)['’-](?=\w))+)"
)
_SHORTEST = 2

_COMMON = frozenset(
    """
    a about above after again all also although am an and any are as at be because been before being
    below best between both but by can cannot could did do does doing don done down during each either
    else ever every few following for from further get give given gives go had has have having he her
    here hers him his how however if in into is it its itself just know let like made make many may me
    might more most much must my need no nor not now of off on once one only or other our out over own
    per please same say says shall she should since so some such tell than that the their them then
    there these they this those through to too two under until up upon us use used using very want was
    we were what when where whether which while who whom whose why will with without would write yes
    you your
    it's don't doesn't isn't i'm i've i'd i'll what's that's there's let's can't won't
    ii iii vs etc
    """.split()  # noqa: SIM905 - as text it can be read
)
"""English words met in any question."""

_COMMON_JAPANESE = frozenset("何 次 正 以下 場合 場合 必要 説明 理由 問題 答 選 教 述".split())  # noqa: SIM905


def words_of(text: str) -> tuple[str, ...]:
    """The content words of ``text``, each once, in the order they come; at most `MAX_WORDS`.

    Of languages that part words by spaces these are the words, in small letters, without those met
    in any question. Of Japanese they are bigrams of runs of kanji (a lone kanji by itself) and the
    loanwords in katakana; hiragana holds endings and particles and is left out.
    """
    if len(text) > MAX_CHARS:
        half = MAX_CHARS // 2
        text = f"{text[:half]} {text[-half:]}"
    folded = _ADDRESS.sub(" ", unicodedata.normalize("NFKC", text)).casefold()
    found: dict[str, None] = {}
    for token in _TOKEN.finditer(folded):
        run = token.group()
        if token.lastgroup == "word":
            word = run.removesuffix("'s").removesuffix("’s")
            if _says_something(word):
                found[word] = None
        elif token.lastgroup == "kanji":
            found.update(dict.fromkeys(_grams(run, 2)))
        else:
            found.update(_loanword(run))
        if len(found) >= MAX_WORDS:
            break
    return tuple(found)[:MAX_WORDS]


def _says_something(word: str) -> bool:
    if word in _COMMON or not _SHORTEST <= len(word) <= LONGEST:
        return False
    if word.isalpha():
        return True
    digits = sum(map(str.isdigit, word))
    return digits <= MOST_DIGITS and digits < len(word)


def _loanword(run: str) -> dict[str, None]:
    run = run.strip("ー")
    if not _SHORTEST <= len(run) <= LONGEST:
        return {}
    return dict.fromkeys(_grams(run, KATAKANA_GRAM) if len(run) > KATAKANA_WHOLE else [run])


def _grams(run: str, size: int) -> list[str]:
    if len(run) > LONGEST:
        return []
    grams = [run[at : at + size] for at in range(max(1, len(run) - size + 1))]
    return [gram for gram in grams if gram not in _COMMON_JAPANESE]
