"""How a vendor reads the answers it is shown, in whatever form the conversation shows them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from providers.simulator.text import contains, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from providers.simulator.questions import Library, Question
    from providers.simulator.vendors import Turn, Vendor

# An answer longer than this is recognised by its beginning: callers may cut what they show.
_OPENING_WORDS = 40
_OTHERS_CUE = re.compile(
    r"other|another|peer|panel|previous|earlier|colleague|candidate|response|answers|(?:answer|model)\s*#?\w\s*:|ほか|他の|別の|回答|前の",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^[\s>*#\-\[(<]*(?:answer|response|model|candidate|participant|回答|解答|モデル)?\s*#?[A-Za-z0-9]{1,2}\s*[:.)\]、::>]+(?=\s*\S)",
    re.IGNORECASE,
)
_LEADING = {"yes": " yes ", "no": " no ", "はい": " は い ", "いいえ": " い い え "}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a conversation shows: one vote a recognised answer, in reading order, and any evidence."""

    votes: tuple[str, ...] = ()
    evidence: bool = False


@dataclass(frozen=True, slots=True)
class _Wording:
    """Normalised words that give an answer. ``vendor`` None: the plain sentence anyone may use."""

    words: str
    vendor: Vendor | None
    key: str


class Reader:
    """Knows every wording of every answer, so that it recognises them without any agreed format.

    A vendor's words are recognised verbatim, and its latest words are its vote. What remains may
    state an answer in the plain sentence that any vendor uses. Only where none of this is found,
    but the text speaks of other answers, are the answers' marks looked for line by line: so the
    words of a real model, or of a person, are read too.
    """

    def __init__(self, library: Library, changed: Callable[[Vendor, Question, str], str]) -> None:
        self._wordings = {q.id: _wordings(q, changed) for q in library.questions}
        self._options = {q.id: _option_block(q) for q in library.questions if q.options}

    def read(self, question: Question, turns: tuple[Turn, ...], reader: Vendor | None) -> Shown:
        """The answers to ``question`` shown to ``reader``, its own left out; to None, all of them."""
        raw = unicodedata.normalize("NFKC", "\n".join(t.text for t in turns if t.role != "self"))
        if question.id in self._options:
            raw = self._options[question.id].sub(" ", raw)
        text = words(raw)
        latest: dict[Vendor, tuple[int, str]] = {}
        plain: list[tuple[int, str]] = []
        rest = text
        for wording in self._wordings[question.id]:
            if wording.words not in rest:
                continue
            found = [m.start() for m in re.finditer(f"(?={re.escape(wording.words)})", rest)]
            rest = _without(rest, [wording.words])
            if wording.vendor is None:
                plain += [(at, wording.key) for at in found]
            elif wording.vendor is not reader:
                place = (found[-1], wording.key)
                latest[wording.vendor] = max(latest.get(wording.vendor, place), place)
        places = [*latest.values(), *plain]
        votes = tuple(key for _, key in sorted(places) if key)
        own = [w.words for w in self._wordings[question.id] if w.vendor is reader]
        if not places and _OTHERS_CUE.search(raw):
            votes = _marked(question, raw, own)
        others = _without(text, own)
        evidence = any(contains(others, proof) for proof in question.evidence)
        return Shown(votes, evidence and bool(votes))


def _without(text: str, wordings: Iterable[str]) -> str:
    """The text with wordings blanked out; positions stay as they are."""
    for wording in wordings:
        text = text.replace(wording, f" {'|' * (len(wording) - 2)} ")
    return text


def _wordings(
    question: Question, changed: Callable[[Vendor, Question, str], str]
) -> tuple[_Wording, ...]:
    """All that anyone may say, the longest first: a short answer may be part of a longer one."""
    found = [_Wording(words(a.states), None, key) for key, a in question.answers.items()]
    for vendor, voice in question.voices.items():
        found.append(_Wording(_opening(words(voice.says)), vendor, voice.answer))
        if not voice.refuses:
            found += [
                _Wording(words(changed(vendor, question, key)), vendor, key)
                for key in question.answers
                if key != voice.answer
            ]
    return tuple(sorted(found, key=lambda w: -len(w.words)))


def _option_block(question: Question) -> re.Pattern[str]:
    """The options as a caller lists them, in order and whatever stands between: no answer."""
    texts = [re.escape(unicodedata.normalize("NFKC", o)) for o in question.options.values()]
    return re.compile(r"(?:\(?\w\W{0,4})?" + r".{1,16}?".join(texts), re.IGNORECASE | re.DOTALL)


def _opening(text: str) -> str:
    parts = text.split()
    return f" {' '.join(parts[:_OPENING_WORDS])} "


def _marked(question: Question, raw: str, own: list[str]) -> tuple[str, ...]:
    votes = []
    for line in raw.splitlines():
        text = _without(words(_LABEL.sub("", line)), (*question.asked, *own))
        keys = [k for k, a in question.answers.items() if _gives(question, k, a.marks, text)]
        # A line that names several answers weighs them; it gives none.
        if len(keys) == 1:
            votes.append(keys[0])
    return tuple(votes)


def _gives(question: Question, key: str, marks: tuple[str, ...], text: str) -> bool:
    if any(contains(text, mark) for mark in marks):
        return True
    if question.kind == "yes_no":
        return text.startswith(_LEADING.get(key, words(key)))
    return question.kind == "choice" and text == words(key)
