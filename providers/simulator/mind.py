"""What a simulated vendor answers: alone, after reading other answers, or asked to merge or compare them.

Known questions are answered from `providers.simulator.questions`. Anything else is improvised, and
honestly so: plain arithmetic is computed, and the rest gets general advice about the prompt's own
words, marked as a rehearsal. A vendor keeps no memory: all it knows of other answers is what the
conversation shows it.
"""

from __future__ import annotations

import re
from collections import Counter
from hashlib import blake2b
from typing import TYPE_CHECKING

from providers.simulator import phrasing
from providers.simulator.arithmetic import compute, find_expression, spell
from providers.simulator.misleading import mislead
from providers.simulator.reading import Reader, Shown
from providers.simulator.text import is_japanese
from providers.simulator.vendors import Reply, Turn, Vendor

if TYPE_CHECKING:
    from providers.simulator.questions import Library, Question

_MERGE_CUE = re.compile(
    r"\b(?:synthes|merg|combin|aggregat|consolidat|fuse)|\binto (?:one|a single)\b|統合|まとめ|合成",
    re.IGNORECASE,
)
# The caller wants the answer alone; then a vendor changes its mind, or keeps to it, without a word.
_BARE_CUE = re.compile(
    r"\b(?:do not|don't|never|without) (?:mention|refer)|(?:触れ|言及し)(?:ないで|ず|てはいけ)",
    re.IGNORECASE,
)
# The caller wants a remark before the answer, between tags that it names.
_REMARK_CUE = re.compile(r"<((?:review|remark|note)(?:-\w+)?)>[^<>]+</\1>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]+>")
# Two answers are to be compared, in one word.
_COMPARE_CUE = re.compile(r"\bSAME\b.{0,20}\bDIFFERENT\b", re.DOTALL)
_COMPARED = 2
_FINAL_LINE = re.compile(
    r"(final answer\s*[::])|(最終(?:的な)?(?:回答|答え|解答)\s*[::])", re.IGNORECASE
)
_QUOTED = re.compile(r"[“「]([^”」]{1,200})[”」]")
_ENDINGS = "?？.。!！ "
_MERGEABLE = 2  # one answer alone cannot be merged
_TOPIC = {"en": 60, "ja": 30}  # characters of a prompt that an improvised reply repeats
#: Tokens a reasoning model thinks for, by the kind of question; the vendors' order of magnitude.
_THINKING = {"number": 128, "code": 192, "json": 128, "open": 192}
_THINKING_ELSE = 64
_LINELESS = frozenset({"code", "json", "open"})


def draw(seed: int, *parts: object) -> float:
    """A number in [0, 1) that depends on its arguments alone."""
    digest = blake2b(repr((seed, *map(str, parts))).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


class Mind:
    """Answers as any of the three vendors. The same seed and conversation give the same answer."""

    def __init__(self, library: Library, seed: int) -> None:
        self._library = library
        self._seed = seed
        self._reader = Reader(library, self._changed)

    def reply(self, vendor: Vendor, turns: tuple[Turn, ...], *, misled: bool = False) -> Reply:
        """What ``vendor`` says to this conversation; ``misled``: another answer, where it has any."""
        prompt = next((t.text for t in reversed(turns) if t.role == "user"), "")
        question = self._library.find(turns)
        if question is None:
            return self._improvised(vendor, turns, prompt, misled=misled)
        all_shown = self._reader.read(question, turns, None)
        around = framing(question, turns)
        bare = _BARE_CUE.search(around) is not None
        if len(all_shown.votes) == _COMPARED and _COMPARE_CUE.search(around):
            word = "SAME" if len(set(all_shown.votes)) == 1 else "DIFFERENT"
            return Reply(word, thinking_tokens=_THINKING_ELSE)
        if len(all_shown.votes) >= _MERGEABLE and _MERGE_CUE.search(around):
            key, text = self._merged(vendor, question, all_shown, bare=bare)
        else:
            voice = question.voices[vendor]
            if voice.refuses:
                return Reply(voice.says, refuses=True)
            shown = self._reader.read(question, turns, vendor)
            key, text = self._answered(vendor, question, shown, bare=bare)
            if misled and (other := mislead(question, key)) is not None:
                key, text = other
        if question.kind not in _LINELESS:
            text += _final_line(turns, key)
        if (cue := _REMARK_CUE.search(around)) is not None:
            text = f"<{cue[1]}>{self._remark(vendor, question, key)}</{cue[1]}>\n{text}"
        return Reply(text, thinking_tokens=_THINKING.get(question.kind, _THINKING_ELSE))

    def _answered(
        self, vendor: Vendor, question: Question, shown: Shown, *, bare: bool
    ) -> tuple[str, str]:
        voice = question.voices[vendor]
        if not shown.votes:
            return voice.answer, voice.says
        key = decide(question, vendor, shown)
        pick, language = self._pick(vendor, question), question.language
        if bare:
            return key, voice.says if key == voice.answer else question.answers[key].states
        if key != voice.answer:
            return key, self._changed(vendor, question, key)
        opening = phrasing.agree if set(shown.votes) == {key} else phrasing.hold
        return key, phrasing.open_with(opening(vendor, language, pick), voice.says, language)

    def _merged(
        self, vendor: Vendor, question: Question, shown: Shown, *, bare: bool
    ) -> tuple[str, str]:
        key = leader(shown)
        votes = Counter(shown.votes)
        states = question.answers[key].states
        if bare:
            return key, states
        return key, phrasing.merge(vendor, question.language, states, votes[key], votes.total())

    def _changed(self, vendor: Vendor, question: Question, key: str) -> str:
        concedes = question.voices[vendor].concedes
        if concedes is not None and key == question.right:
            return concedes
        opening = phrasing.change(vendor, question.language, self._pick(vendor, question))
        return phrasing.open_with(opening, question.answers[key].states, question.language)

    def _remark(self, vendor: Vendor, question: Question, key: str) -> str:
        """What it says on its way to an answer: its error where it concedes one, else nothing."""
        voice = question.voices[vendor]
        if key != voice.answer and key == question.right and voice.concedes is not None:
            return voice.concedes
        return phrasing.NOTHING_NEW[question.language]

    def _improvised(
        self, vendor: Vendor, turns: tuple[Turn, ...], prompt: str, *, misled: bool
    ) -> Reply:
        language = "ja" if is_japanese(prompt) else "en"
        expression = find_expression(prompt)
        value = compute(expression) if expression else None
        if expression and value is not None:
            result = spell(value + misled)
            text = phrasing.compute(vendor, language, expression, result) + _final_line(
                turns, result
            )
            return Reply(text, thinking_tokens=_THINKING["number"])
        said = phrasing.improvise(vendor, language, topic(prompt, language))
        if phrasing.REHEARSAL[language] in prompt and not _BARE_CUE.search(prompt):
            pick = int(draw(self._seed, vendor, prompt) * 2)
            said = phrasing.open_with(phrasing.agree(vendor, language, pick), said, language)
        return Reply(said, thinking_tokens=_THINKING["open"])

    def _pick(self, vendor: Vendor, question: Question) -> int:
        return int(draw(self._seed, vendor, question.id) * 2)


def decide(question: Question, vendor: Vendor, shown: Shown) -> str:
    """The answer a vendor gives after it read what is shown: its own still, or another."""
    voice = question.voices[vendor]
    if voice.stance in {"persuadable", "follows_evidence"} and shown.evidence and question.right:
        return question.right
    if voice.stance in {"persuadable", "follows_majority"} and shown.votes:
        first = leader(shown)
        votes = Counter(shown.votes)
        # Its own voice counts: one other answer against one's own is no majority.
        if votes[first] > votes[voice.answer] + 1:
            return first
    return voice.answer


def leader(shown: Shown) -> str:
    """The answer most of those shown give; among equals the first shown."""
    return Counter(shown.votes).most_common(1)[0][0]


def topic(prompt: str, language: str) -> str:
    """What a prompt is about, for a reply that knows no better than to repeat it.

    Where earlier improvised replies are shown, it is what those were about, so that the talk about
    answers does not become the subject.
    """
    if phrasing.REHEARSAL[language] in prompt and (quoted := _QUOTED.search(prompt)):
        return quoted.group(1)
    lines = (part.strip() for part in prompt.splitlines())
    line = next((part for part in lines if part and not _TAG.fullmatch(part)), "")
    line = line.translate(str.maketrans("", "", "“”「」")).rstrip(_ENDINGS)
    limit = _TOPIC[language]
    if len(line) <= limit:
        return line
    return line[:limit].rsplit(" ", 1)[0] + "…"


def framing(question: Question, turns: tuple[Turn, ...]) -> str:
    """What the caller wrote around the question and the answers it shows."""
    text = "\n".join(t.text for t in turns if t.role != "self")
    for known in (*question.ask, *(v.says for v in question.voices.values())):
        text = text.replace(known, " ")
    return text


def _final_line(turns: tuple[Turn, ...], key: str) -> str:
    """A closing line in the form that the conversation asks for, if it asks for one."""
    found = None
    for turn in turns:
        if turn.role != "self":
            found = _FINAL_LINE.search(turn.text) or found
    if found is None:
        return ""
    return f"\n\nFinal answer: {key}" if found.group(1) else f"\n\n最終回答: {key}"
