"""Which options of a multiple-choice question an answer picks: by letter, several letters, or text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from consensus.answers.figures import quantities
from consensus.answers.folding import first_sentence, folded, normalised, unwrapped
from consensus.answers.latex import plain

if TYPE_CHECKING:
    from consensus.answers.kinds import Choice

Labels = tuple[str, ...]

UNKNOWN_OPTIONS: Final[tuple[Choice, ...]] = tuple((label, "") for label in "ABCDEFGHIJ")
"""What is assumed where a choice is asked for and its options could not be read."""

LABEL = r"[A-Za-z]|[ア-ソ]|\d{1,2}|[①-⑳]"
_OPENING = re.compile(
    rf"[\s*_`\"'「『]*(?:(?:option|choice|letter|statement|選択肢|肢)\s*)?(?P<open>[(\[「『【<{{]?)[*_]*(?P<label>{LABEL})(?P<close>[*_]*[)\]」』】>}}]?)(?P<mark>[.:、,]?)[*_]*(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_MORE = re.compile(
    rf"\s*(?:,|、|・|&|/|;|\band\b|と|および|及び)\s*(?:and\s)?(?:選択肢)?[(\[「]?[*_]*({LABEL})[*_]*[)\]」]?(?![A-Za-z0-9は])",
    re.IGNORECASE,
)
_JOINED = re.compile(r"[\s*_`\"'(\[]*([A-Za-z]{2,6})[\s*_`\"')\].,。]*$")
_JSON_LIST = re.compile(r"^\[\s*\"|\"(?=\s*[,\]])|(?<=, )\"|\"\]$")
_NOTHING = re.compile(
    r"(?:です|だ|である|になります|となります|でしょう|だと思います|と思います)?[\s.。)\]!]*$"
)
_SPAN_CHARS: Final = 600
"""How much of a sentence is searched for an option's text; no option is longer."""

_ARTICLES: Final = frozenset("aAiI")


def picked(choices: tuple[Choice, ...], content: str) -> Labels | None:
    """The options that the content of a marked statement picks, None when it picks none.

    Args:
        choices: The question's options.
        content: What stands behind the marker, on one line.
    """
    options = choices or UNKNOWN_OPTIONS
    content = _JSON_LIST.sub("", folded(plain(content)).strip())
    return _by_label(options, content) or _joined(options, content) or by_text(choices, content)


def picked_exactly(choices: tuple[Choice, ...], content: str) -> Labels | None:
    """The options a text picks that says nothing else, such as ``B`` or ``(a), (c)``."""
    options = choices or UNKNOWN_OPTIONS
    content = folded(plain(content)).strip()
    found = labels_at_start(options, content)
    if found is not None and _NOTHING.match(unwrapped(found[1])):
        return found[0]
    return _joined(options, content)


def picked_last(choices: tuple[Choice, ...], content: str) -> Labels | None:
    """The option named last in a text that leads up to "… is the answer"."""
    options = choices or UNKNOWN_OPTIONS
    words = re.findall(rf"(?<![A-Za-z0-9])(?:{LABEL})(?![A-Za-z0-9])", folded(content))
    label = next((found for word in reversed(words) if (found := known(options, word))), None)
    if label is None or label in _ARTICLES:
        return by_text(choices, content) or ((label,) if label else None)
    return (label,)


def by_text(choices: tuple[Choice, ...], content: str) -> Labels | None:
    """The option whose text the content gives or contains; None unless it is exactly one."""
    content = content[-_SPAN_CHARS:]
    said = normalised(plain(content))
    if not said or not choices:
        return None
    texts = {label: normalised(plain(option)) for label, option in choices}
    same = [label for label, option in texts.items() if option == said]
    if len(same) == 1:
        return (same[0],)
    contained = {label: o for label, o in texts.items() if o and _contains(said, o)}
    # "not safe" contains "safe": the longer option is the one meant.
    longest = [
        label
        for label, option in contained.items()
        if not any(option != other and _contains(other, option) for other in contained.values())
    ]
    if len(longest) == 1:
        return (longest[0],)
    return None if longest else _by_number(choices, content) or _by_beginning(texts, said)


def _by_beginning(texts: dict[str, str], said: str) -> Labels | None:
    """The only option that begins with what is said: options are long, answers abridge them."""
    begun = [label for label, option in texts.items() if len(said) > 3 and option.startswith(said)]  # noqa: PLR2004 - shorter beginnings are chance
    return (begun[0],) if len(begun) == 1 else None


def _by_number(choices: tuple[Choice, ...], content: str) -> Labels | None:
    said = quantities(plain(folded(first_sentence(content[:_SPAN_CHARS]))))
    if not said:
        return None
    equal = [
        label
        for label, option in choices
        if (found := quantities(plain(folded(option)))) and found[0].value == said[-1].value
    ]
    return (equal[0],) if len(equal) == 1 else None


def _by_label(options: tuple[Choice, ...], content: str) -> Labels | None:
    found = labels_at_start(options, content)
    return found[0] if found else None


def labels_at_start(options: tuple[Choice, ...], content: str) -> tuple[Labels, str] | None:
    """The labels a text begins with, and what comes behind them."""
    opening = _OPENING.match(content)
    first = known(options, opening["label"]) if opening else None
    if opening is None or first is None or _is_article(options, content, opening, first):
        return None
    labels = [first]
    at = opening.end("close")
    while more := _MORE.match(content, at):
        label = known(options, more[1])
        if label is None:
            break
        labels.append(label)
        at = more.end()
    rest = content[opening.end() if len(labels) == 1 else at :]
    return ordered(options, labels), rest


def _joined(options: tuple[Choice, ...], content: str) -> Labels | None:
    """Letters run together, each an option and in order: ``ae`` picks a and e."""
    match = _JOINED.match(content)
    if match is None:
        return None
    labels = [known(options, letter) for letter in match[1]]
    options_named = [label for label in labels if label is not None]
    if len(options_named) != len(labels) or len(set(options_named)) != len(options_named):
        return None
    in_order = ordered(options, options_named)
    return in_order if list(in_order) == options_named else None


def _is_article(
    options: tuple[Choice, ...], content: str, opening: re.Match[str], label: str
) -> bool:
    """Whether "a" or "I" begins a sentence here instead of naming an option."""
    if opening["label"] not in _ARTICLES or opening["open"] or opening["close"] or opening["mark"]:
        return False
    rest = content[opening.end() :]
    if not rest[:2].strip() or not rest[1:2].isascii() or not rest[1:2].isalpha():
        return False
    option = normalised(dict(options)[label])
    said = normalised(rest)
    return not (option and (said.startswith(option[:24]) or _MORE.match(rest)))


def known(options: tuple[Choice, ...], written: str) -> str | None:
    """The question's label for a letter, whichever its case; circled figures are figures."""
    labels = [label for label, _ in options]
    if written in labels:
        return written
    for form in (written.swapcase(), _uncircled(written)):
        if form in labels:
            return form
    return next((label for label in labels if _uncircled(label) == written), None)


def _uncircled(label: str) -> str:
    return str(ord(label) - ord("①") + 1) if "①" <= label <= "⑳" else label


def ordered(options: tuple[Choice, ...], labels: list[str]) -> Labels:
    """Labels in the question's order."""
    return tuple(label for label, _ in options if label in labels)


def _contains(text: str, part: str) -> bool:
    if part.isascii():
        return f" {part} " in f" {text} "
    return part in text
