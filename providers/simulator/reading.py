"""How a vendor reads the answers it is shown, in whatever form the conversation shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from providers.simulator.text import contains, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from providers.simulator.questions import Library, Question
    from providers.simulator.vendors import Turn, Vendor

# An answer longer than this is recognised by its beginning: callers may cut what they show.
_OPENING_WORDS = 40
_OTHERS_CUE = re.compile(
    r"other|another|peer|panel|previous|earlier|colleague|candidate|response|answers|ほか|他の|別の|回答|前の",
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


class Reader:
    """Knows every wording of every answer, so that it recognises them without any agreed format.

    A vendor's words are recognised verbatim; its latest words are its vote. Only where no known
    words are found, but the text speaks of other answers, are the answers' marks looked for line
    by line: so the words of a real model, or of a person, are read too.
    """

    def __init__(self, library: Library, changed: Callable[[Vendor, Question, str], str]) -> None:
        self._wordings = {q.id: tuple(_wordings(q, changed)) for q in library.questions}

    def read(self, question: Question, turns: tuple[Turn, ...], reader: Vendor | None) -> Shown:
        """The answers to ``question`` shown to ``reader``, its own left out; to None, all of them."""
        raw = "\n".join(t.text for t in turns if t.role != "self")
        text = words(raw)
        latest: dict[Vendor, tuple[int, str]] = {}
        own = [w for v, _, w in self._wordings[question.id] if v is reader]
        for vendor, key, wording in self._wordings[question.id]:
            at = text.rfind(wording)
            if vendor is not reader and at >= 0:
                latest[vendor] = max(latest.get(vendor, (-1, "")), (at, key))
        others = text
        for wording in own:
            others = others.replace(wording, " | ")
        evidence = any(contains(others, proof) for proof in question.evidence)
        votes = tuple(key for _, key in sorted(latest.values()) if key)
        if not latest and _OTHERS_CUE.search(raw):
            votes = _marked(question, raw, own)
        return Shown(votes, evidence and bool(votes))


def _wordings(
    question: Question, changed: Callable[[Vendor, Question, str], str]
) -> list[tuple[Vendor, str, str]]:
    """All (vendor, answer, normalised words) anyone may say; a refusal's answer is empty."""
    found = []
    for vendor, voice in question.voices.items():
        found.append((vendor, voice.answer, _opening(words(voice.says))))
        if voice.refuses:
            continue
        found += [
            (vendor, key, words(changed(vendor, question, key)))
            for key in question.answers
            if key != voice.answer
        ]
    return found


def _opening(text: str) -> str:
    parts = text.split()
    return f" {' '.join(parts[:_OPENING_WORDS])} "


def _marked(question: Question, raw: str, own: list[str]) -> tuple[str, ...]:
    votes = []
    for line in raw.splitlines():
        text = words(_LABEL.sub("", line))
        for known in (*question.asked, *own):
            text = text.replace(known, " | ")
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
