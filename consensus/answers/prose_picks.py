"""Which options plain prose picks, where nothing marks the answer."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from consensus.answers.folding import sentences
from consensus.answers.picks import (
    LABEL,
    UNKNOWN_OPTIONS,
    by_text,
    known,
    labels_at_start,
    ordered,
    picked_exactly,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from consensus.answers.kinds import Choice
    from consensus.answers.picks import Labels

_LINE_LABEL = re.compile(
    rf"^[ \t]*(?:[-*•][ \t]+)?[*_]*[(\[]?(?P<label>{LABEL})[)\].:、](?!\d)", re.MULTILINE
)
_LIST = rf"[(\[「]?(?:{LABEL})[)\]」]?(?:\s?(?:と|、|,|および|及び|\band\b)\s?[(\[「]?(?:{LABEL})[)\]」]?){{0,4}}"
_NAMED = re.compile(
    rf"(?:options?|choices?|選択肢|statements?)\s?[*_]*(?P<a>{_LIST})(?![A-Za-z0-9])"
    rf"|(?<![A-Za-z0-9])(?P<b>{_LIST})[*_]*\s?(?:(?:is|are) (?:the )?(?:correct|right|best|true)\b|[がは](?:最も)?(?:正しい|正解|適切|該当|答え))",
    re.IGNORECASE,
)
_NAMING: Final = (
    "option", "choice", "statement", "選択肢", "correct", "right", "best", "true", "正し", "正解", "適切", "該当", "答え",
)  # fmt: skip
_ONE_LABEL = re.compile(rf"(?<![A-Za-z0-9])(?:{LABEL})(?![A-Za-z0-9])")
_BOLD_LABEL = re.compile(
    rf"\*\*\s?(?:option |選択肢)?[(\[]?(?P<label>{LABEL})(?:[)\].:][^*\n]{{0,200}})?\*\*",
    re.IGNORECASE,
)
_BRACKETED = re.compile(rf"[(\[](?P<label>{LABEL})[)\]]")
_NEGATED = re.compile(r"\b(?:not|incorrect|wrong|false|n't)\b|誤|不適切|ない|間違")
_OPENED = re.compile(
    r"[*_)」』\]]*\s{0,2}(?:(?:です|だ|である|でしょう|になります|となります|だと思います|かと思います|と考えます|が正解(?:です)?|が答え(?:です)?)(?:ね|よ)?(?:[。、.,!\n]|$)|[.。](?=\s|$|[^\x00-\x7f])|,\s(?:because|since|as|which|the|it)\b|\s(?:because|since)\b|\s-{1,2}\s|\n)"
)
"""What may follow labels at the start that are the answer: the end of their sentence or clause."""

_COPULA_JA = re.compile(
    r"(?:は|が|、|つまり|すなわち|なので|から|で)\s?[(\[「『]?(?P<label>[A-Za-z]|[ア-ソ]|[①-⑳])[)\]」』]?\s?(?:です|だ(?:と思|。|$)|である|になります|となります|でしょう|かと思います|と(?:考え|思い|判断し)ます|を選び(?:ます|ました))(?!が、|けど)"
)
_TOLD: Final = 8
"""How many of the last sentences are looked at for an option."""

_MENTIONS: Final = 100
"""How many places of a text or sentence that name options are looked at; no honest text has so many."""

_OPENING_CHARS: Final = 80
_EXACT_CHARS: Final = 60
"""Letters alone are short."""


def picked_in_prose(choices: tuple[Choice, ...], text: str) -> Labels | None:
    """The options an answer without any marker picks."""
    options = choices or UNKNOWN_OPTIONS
    text = text.strip()
    exact = picked_exactly(choices, text) if len(text) <= _EXACT_CHARS else None
    if exact:
        return exact
    told = sentences(text)
    return (
        _opened(options, text)
        or _named(options, text)
        or _by_copula(options, told if not text.isascii() else [])
        or _by_sentence(choices, options, told)
    )


def _opened(options: tuple[Choice, ...], text: str) -> Labels | None:
    """The options a text opens with, in a clause or on a line that says nothing else of options."""
    found = labels_at_start(options, text[:_OPENING_CHARS])
    if found and _OPENED.match(found[1]):
        return found[0]
    if _LINE_LABEL.match(text) is None:
        return None
    lines = {label for m in _LINE_LABEL.finditer(text) if (label := known(options, m["label"]))}
    return (lines.pop(),) if len(lines) == 1 else None


def _named(options: tuple[Choice, ...], text: str) -> Labels | None:
    """The options named last as such ("option B", "B is correct"), or else in bold."""
    low = text.lower()
    for pattern, signs in ((_NAMED, _NAMING), (_BOLD_LABEL, ("**",))):
        if any(s in low for s in signs):
            last = reversed(list(pattern.finditer(text))[-_MENTIONS:])
            if named := next(_mentions(options, text, last), None):
                return named
    return None


def _by_copula(options: tuple[Choice, ...], told: list[str]) -> Labels | None:
    """The option of the last Japanese sentence that ends on one: "…なので、Bです"."""
    for sentence in reversed(told[-_TOLD:]):
        copulas = list(_COPULA_JA.finditer(sentence))
        if copulas and (label := known(options, copulas[-1]["label"])):
            return (label,)
    return None


def _by_sentence(
    choices: tuple[Choice, ...], options: tuple[Choice, ...], told: list[str]
) -> Labels | None:
    """The option one of the last sentences, or the first, has in brackets or by its text."""
    for sentence in dict.fromkeys((*reversed(told[-2:]), *told[:1])):
        first = islice(_BRACKETED.finditer(sentence), _MENTIONS)
        bracketed = list(dict.fromkeys(_mentions(options, sentence, first)))
        if len(bracketed) == 1 and not _NEGATED.search(sentence):
            return bracketed[0]
        by_name = by_text(choices, sentence)
        if by_name and (
            not _NEGATED.search(sentence) or _NEGATED.search(dict(choices)[by_name[0]])
        ):
            return by_name
    return None


def _mentions(
    options: tuple[Choice, ...], text: str, places: Iterable[re.Match[str]]
) -> Iterator[Labels]:
    for match in places:
        written = next(group for group in match.groups() if group)
        labels = [label for w in _ONE_LABEL.findall(written) if (label := known(options, w))]
        if labels and not _NEGATED.search(text[match.end() : match.end() + 16]):
            yield ordered(options, labels)
