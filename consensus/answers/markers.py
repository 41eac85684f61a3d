r"""Where an answer says that it answers: "Answer:", 答えは, \boxed{}, ####, <answer>, a JSON field."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SPAN_CHARS: Final = 400
"""How far behind a marker its answer is read."""


MAX_FIELDS: Final = 8
"""How many of the last answer fields and boxes are parsed; a reply holds one or a few."""

MAX_MARKS: Final = 64
"""How many of the last marks of each sort are looked at."""


class Form(Enum):
    """How a marker holds its answer, which tells how strictly to read it."""

    WHOLE = "whole"
    """Enclosed: the content is the answer (a field, a tag, a box)."""
    LINE = "line"
    """Followed by it: the answer begins the line and may run on in prose."""
    EXACT = "exact"
    """Only a mark if nothing but an answer follows (#### may also be a heading)."""
    BEFORE = "before"
    """Preceded by it: "42 is the answer"."""
    CORRECTION = "correction"
    """Taken back and said anew: "wait, actually 43"."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A place where an answer is stated: the text to read, and its rank among the others.

    A later ``position`` wins. A field of a JSON object stands where its object ends, for the
    reasoning beside it, before or behind, is not the answer.
    """

    text: str
    position: int
    form: Form
    boxed: bool = False
    """Whether it is the content of a LaTeX box: mathematics as a whole."""


_FIELD = re.compile(
    r"[\"'](?:[a-z]{1,12}[ _-])?(?:answer|result|final|回答|解答|答え|最終回答|最終的な答え|結論)[\"']\s{0,8}:\s{0,8}"
)
_TAG = re.compile(r"<((?:final[_-]?)?answer|final)>")
_BOX = re.compile(r"\\(?:boxed|fbox)\s{0,3}\{")
_HASHES = re.compile(r"^####[ \t]*(?=\S)", re.MULTILINE)
_ANSWER = re.compile(
    r"answer(?:s|\s(?:choice|letter|option))?(?:\s(?:to|for|of)\s[^.:?\n]{1,80}?)?[\"*_`)\]]{0,4}\s{0,2}"
    r"(?:(?:is|are|was)\b(?:\s(?:therefore|thus|then|simply|indeed|clearly|hence|option|choice))?\s{0,2}:?|:|=|->|→|(?:would|should|must|will) be\b:?)"
)
_CORRECT = re.compile(
    r"(?:correct|right|best|appropriate)\s(?:option|choice|letter|statement|one)\b(?:\s(?:to|for|of|from|among)\s[^.:?\n]{1,80}?)?[*_]{0,3}\s{0,2}(?:is\b\s{0,2}:?|:|would be\b)"
)
_FINAL = re.compile(
    r"final (?:result|value|number|choice|decision|verdict|conclusion)[*_]{0,3}\s{0,2}(?:is\b\s{0,2}:?|:|=)"
)
_HEADING = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|\*\*|__)(?:the )?(?:final |short |correct )?(?:answer|conclusion|最終的な答え|最終回答|答え|回答|解答|結論)[ \t]*(?:\*\*|__)?[ \t]*:?[ \t]*$",
    re.MULTILINE,
)
_JAPANESE = re.compile(
    r"【[^】\n]{0,6}(?:回答|解答|答え|正解|正答|結論|答)[^】\n]{0,4}】\s{0,2}:?"
    r"|(?:答え|回答|解答|正解|正答|(?<![回解正])答|最終結論|正しい(?:選択肢|もの|の)|適切な(?:選択肢|もの|の)|該当する(?:選択肢|もの|の))(?:番号|の記号|選択肢)?[」』\])*_\s]{0,4}(?:は|:|=|→)[、,:\s]{0,2}"
)
_BEFORE_ENGLISH = re.compile(
    r"\s(?:is|was|would be)\s(?:therefore\s)?(?:the|my|our)\s(?:final |correct |right |best )?$"
)
_BEFORE_JAPANESE = re.compile(r"[」』\])*_]{0,4}が(?:最終的な|最終|唯一の)?(?:答え|正解|正答|解答)")
_CORRECTION = re.compile(
    # Each word looks back for its beginning behind its first letter: with a letter at the head of
    # every branch the engine skips, at five times the speed, where none of these words can begin.
    r"(?:w(?<=\bw)ait|n(?<=\bn)o|o(?<=\bo)ops|s(?<=\bs)orry|h(?<=\bh)mm|a(?<=\ba)ctually|h(?<=\bh)old on"
    r"|s(?<=\bs)cratch that|o(?<=\bo)n second thought|m(?<=\bm)y mistake|c(?<=\bc)orrection"
    r"|l(?<=\bl)et me correct (?:that|myself)|i(?<=\bi) made (?:a mistake|an error))\b"
    r"(?:[,.:;!\s…-]{0,4}(?:(?:actually|no|sorry|wait|i mean|i meant|make that|it's|it is|that's|that is|it should be|that should be|it must be|should be|the correct (?:value|number|answer|one) is)\b[,:\s]{0,3}){1,4}"
    r"|(?<=correction)[:,]\s{0,2})"
)
_CORRECTION_JAPANESE = re.compile(
    r"(?:いや|いえ|待って(?:ください)?|すみません|失礼(?:しました)?|訂正(?:します)?|間違え(?:ました|た)|違いました)[、。,.:!\s…]{1,4}(?:(?:正しくは|実は|やはり|実際は|訂正すると|答えは)[、,:\s]{0,2}){0,2}"
    r"|正しくは[、,:\s]{0,2}"
)
_RIGHT_BEGINS: Final = ("correct", "right", "best", "appropriate")
_RIGHT: Final = tuple(f"{word} " for word in _RIGHT_BEGINS)
_OPTION: Final = ("option", "choice", "letter", "statement", "one")
"""One of each is in whatever `_CORRECT` finds: looking for words costs next to nothing."""

_HEADED: Final = ("answer", "conclusion", "答", "結論")
"""One of these is in every heading that `_HEADING` finds."""

_CORRECTING: Final = (
    "wait", "no", "oops", "sorry", "hmm", "actually", "hold on", "scratch that", "on second thought", "my mistake",
    "correction", "let me correct ", "i made a",
)  # fmt: skip
"""How a correction begins."""

_CORRECTS: Final = (
    "wait",
    "no,",
    "no ",
    "oops",
    "sorry",
    "hmm",
    "actually",
    "hold on",
    "scratch",
    "second thought",
    "mistake",
    "correct",
    "error",
)
"""One of these, or of the Japanese ones, is in a text that takes something back."""

_MARKING_JAPANESE: Final = ("答", "解", "正しい", "適切な", "該当する", "結論")
_CORRECTING_JAPANESE: Final = (
    "いや",
    "いえ",
    "待って",
    "すみません",
    "失礼",
    "訂正",
    "間違え",
    "違いました",
    "正しくは",
)
_LEAD = re.compile(r"(?:[\s*_:>]|\\[\[(]|\$\$)*")
_DENIED = re.compile(r"(?:not|neither|n't|never|unlikely|wrong|incorrect)\b")
_DENIED_JAPANESE = re.compile(r"(?:では|じゃ)(?:ない|ありません)|とは限")
_CLAUSE_END = re.compile(r"[。\n]|です|ます")
_INSTEAD = re.compile(
    r"\A[^。.\n]{0,40}?(?:では|じゃ)なくて?、?|\Anot [^.\n]{1,40}?(?:,? but|[,;] (?:it's|it is))\s",
    re.IGNORECASE,
)
_HEARSAY = re.compile(
    r"\b(?:might|may|could|some|people|many|others?|tempting to) (?:say|think|believe|claim|assume|guess|people|would)\b|\bwrong\b|\bincorrect\b|\bif\b[^.\n]{0,60}$|誤(?:り|っ)|間違|もし|仮に"
)
_HEARSAY_CHARS: Final = 70
_BEFORE_CHARS: Final = 48
_CORRECTION_CHARS: Final = 60
_STOPS: Final = (".", "!", "?", "。", "\n")
_KEYS: Final = tuple(
    f"{key}{quote}"
    for key in ("answer", "result", "final", "答", "答え", "結論")
    for quote in ("'", '"')
)
"""How a field that `_FIELD` finds ends."""

_HEARSAY_SIGNS: Final = (
    "say", "think", "believe", "claim", "assume", "guess", "people", "would", "wrong", "incorrect", "if", "誤", "間違",
    "もし", "仮に",
)  # fmt: skip
"""One of these is in whatever `_HEARSAY` finds."""

_BEFORE_SIGNS: Final = ("the", "my", "our", "final", "correct", "right", "best")
"""What `_BEFORE_ENGLISH` ends with, but for space."""


def statements(text: str, low: str) -> list[Statement]:
    """The places in which an answer states its result, later ones last.

    Args:
        text: The answer as written.
        low: The same, folded and in lower case, position by position.
    """
    found = [*_enclosed(text, low), *_spoken(text, low)]
    found.sort(key=lambda statement: statement.position)
    return found


def _enclosed(text: str, low: str) -> Iterator[Statement]:
    if ('"' in low or "'" in low) and any(map(low.__contains__, _KEYS)):
        closing = low.rfind("}")
        fields = [
            (m, v)
            for m in list(_FIELD.finditer(low))[-MAX_FIELDS:]
            if (v := _field_value(text, m.end())) is not None
        ]
        for number, (match, value) in enumerate(fields):
            last = number + 1 == len(fields)
            position = closing if last and closing > match.end() else match.end()
            yield Statement(value, position, Form.WHOLE)
    if "<" in low:
        for match in list(_TAG.finditer(low))[-MAX_FIELDS:]:
            end = low.find(f"</{match[1]}>", match.end(), match.end() + SPAN_CHARS * 10)
            tagged = text[match.end() : end if end >= 0 else match.end() + SPAN_CHARS]
            yield Statement(tagged.strip(), match.end(), Form.WHOLE)
    if "box" in low:
        for match in list(_BOX.finditer(low))[-MAX_FIELDS:]:
            content = _braced(text, match.end())
            if content is not None:
                yield Statement(content, match.end(), Form.WHOLE, boxed=True)
    if "####" in low:
        for match in list(_HASHES.finditer(low))[-MAX_MARKS:]:
            yield Statement(_line(text, match.end()), match.end(), Form.EXACT)


def _spoken(text: str, low: str) -> Iterator[Statement]:
    japanese = not low.isascii()
    for match in _marks(low, japanese=japanese):
        start = _content_start(low, match.end())
        if _is_field(low, match) or _hearsay(low, match):
            continue
        content = _block(text, start)
        if "なく" in content or content[:4].lower() == "not ":
            instead = _INSTEAD.match(content)
        else:
            instead = None
        if instead:  # "not 43 but 42"
            content = content[instead.end() :]
        elif _DENIED.match(low, start):
            continue
        head = content[:30]
        if head.isascii() or not _DENIED_JAPANESE.search(_CLAUSE_END.split(head, maxsplit=1)[0]):
            yield Statement(content, start, Form.LINE)
    yield from _preceding(text, low)
    for end in _corrections(low, japanese=japanese)[-MAX_MARKS:]:
        start = _content_start(low, end)
        yield Statement(_line(text, start)[:_CORRECTION_CHARS], start, Form.CORRECTION)


def _marks(low: str, *, japanese: bool) -> Iterator[re.Match[str]]:
    """The last marks of each sort."""
    if "answer" in low:
        yield from list(_ANSWER.finditer(low))[-MAX_MARKS:]
    if any(map(low.__contains__, _RIGHT)) and any(map(low.__contains__, _OPTION)):
        yield from _beginning(_CORRECT, _RIGHT_BEGINS, low)[-MAX_MARKS:]
    if "final " in low:
        yield from list(_FINAL.finditer(low))[-MAX_MARKS:]
    if ("**" in low or "#" in low or "__" in low) and any(map(low.__contains__, _HEADED)):
        yield from _headings(low)[-MAX_MARKS:]
    if japanese and any(map(low.__contains__, _MARKING_JAPANESE)):
        yield from list(_JAPANESE.finditer(low))[-MAX_MARKS:]


def _beginning(pattern: re.Pattern[str], words: Iterable[str], low: str) -> list[re.Match[str]]:
    """As ``pattern.finditer``, of a pattern that begins with one of some words, at a fifth of the cost."""
    places: list[int] = []
    for word in words:
        at = low.find(word)
        while at >= 0:
            places.append(at)
            at = low.find(word, at + 1)
    found: list[re.Match[str]] = []
    end = 0
    if len(places) > 1:
        places.sort()
    for place in places:
        if place >= end and (match := pattern.match(low, place)) is not None:
            found.append(match)
            end = match.end()
    return found


def _headings(low: str) -> list[re.Match[str]]:
    """As ``_HEADING.finditer``: looked for where a line begins, not at every place."""
    found = []
    start = 0
    while True:
        match = _HEADING.match(low, start)
        if match is not None:
            found.append(match)
        start = low.find("\n", start) + 1
        if not start:
            return found


def _corrections(low: str, *, japanese: bool) -> list[int]:
    """Where the words end that take something back, in order."""
    found = _beginning(_CORRECTION, _CORRECTING, low)
    if not (found or japanese) or not (
        any(map(low.__contains__, _CORRECTS))
        or (japanese and any(map(low.__contains__, _CORRECTING_JAPANESE)))
    ):
        return []
    ends = [match.end() for match in found]
    if japanese:
        ends += [match.end() for match in _CORRECTION_JAPANESE.finditer(low)]
        ends.sort()
    return ends


def _preceding(text: str, low: str) -> Iterator[Statement]:
    """Answers that come before their marker: "42 is the answer", 42が答えです."""
    for word in ("answer", "choice", "option"):
        at = low.rfind(word)
        for _ in range(MAX_MARKS):
            if at < 0:
                break
            lead = low[max(0, at - 40) : at]
            match = _BEFORE_ENGLISH.search(lead) if lead.rstrip().endswith(_BEFORE_SIGNS) else None
            if match:
                yield _before(text, at - len(lead) + match.start())
            at = low.rfind(word, 0, at)
    if "が" in low:
        for match in list(_BEFORE_JAPANESE.finditer(low))[-MAX_MARKS:]:
            if not _DENIED_JAPANESE.search(low, match.start(), match.end() + 8):
                yield _before(text, match.start())


def _before(text: str, end: int) -> Statement:
    lead = text[max(0, end - _BEFORE_CHARS) : end]
    return Statement(lead[_sentence_start(lead) :], end, Form.BEFORE)


def _sentence_start(lead: str) -> int:
    """Where the last sentence of a text begins; a line end at the very end of it ends none."""
    stop = max(map(lead[: -1 if lead.endswith("\n") else None].rfind, _STOPS))
    if stop < 0:
        return len(lead) if lead.endswith("\n") else 0
    start = stop + 1
    # One space behind a stop is left out; a line end behind another stop is that space.
    spaced = lead[stop] == "\n" and lead[stop - 1 : stop] in _STOPS
    return start + 1 if not spaced and lead[start : start + 1].isspace() else start


def _content_start(low: str, at: int) -> int:
    """Where the content begins behind a marker: after space, emphasis and display brackets."""
    lead = _LEAD.match(low, at, at + 40)
    return lead.end() if lead else at


def _field_value(text: str, start: int) -> str | None:
    """The value of a JSON field as text; a reply whose JSON is broken is read all the same."""
    decoder = json.JSONDecoder(strict=False)
    value: object
    try:
        value, _ = decoder.raw_decode(text[start : start + SPAN_CHARS * 20])
    except (ValueError, RecursionError):
        quote = text[start : start + 1]
        if quote in {'"', "'"}:
            end = re.compile(rf"(?<!\\){quote}\s*(?:[,}}\n]|$)").search(
                text, start + 1, start + SPAN_CHARS * 20
            )
            return text[start + 1 : end.start()] if end else _line(text, start + 1)
        return _line(text, start).rstrip(",}") or None
    if isinstance(value, str):
        return value
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False)


def _braced(text: str, start: int) -> str | None:
    depth = 1
    for at in range(start, min(len(text), start + SPAN_CHARS)):
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0:
                return text[start:at]
    return None


def _line(text: str, start: int) -> str:
    return text[start : start + SPAN_CHARS].split("\n", 1)[0]


def _block(text: str, start: int) -> str:
    """The line at a position, or the whole fenced block that begins there."""
    if text.startswith("```", start):
        end = text.find("```", start + 3, start + SPAN_CHARS * 20)
        return text[start : end + 3] if end >= 0 else text[start : start + SPAN_CHARS * 20]
    return _line(text, start)


def _is_field(low: str, match: re.Match[str]) -> bool:
    """Whether the word is a key in quotes, which `_enclosed` reads."""
    return match[0].startswith('answer"') and low[max(0, match.start() - 1) : match.start()] in {
        '"',
        "_",
        " ",
    }


def _hearsay(low: str, match: re.Match[str]) -> bool:
    lead = low[max(0, match.start() - _HEARSAY_CHARS) : match.start()]
    lead = lead[_sentence_start(lead) :]
    hearsay = _HEARSAY.search(lead) if any(map(lead.__contains__, _HEARSAY_SIGNS)) else None
    # "If it sold 3, the answer is 42" concludes; "if so, the answer would be 42" does not.
    return hearsay is not None and (hearsay[0][:2] != "if" or "would" in match[0])
