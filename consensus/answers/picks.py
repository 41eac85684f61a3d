"""Which options of a multiple-choice question an answer picks: by letter, several letters, or text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from consensus.answers.figures import quantities
from consensus.answers.folding import first_sentence, folded, normalised, sentences, unwrapped
from consensus.answers.latex import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from consensus.answers.kinds import Choice

Labels = tuple[str, ...]

_UNKNOWN_OPTIONS: Final[tuple[Choice, ...]] = tuple((label, "") for label in "ABCDEFGHIJ")
"""What is assumed where a choice is asked for and its options could not be read."""

_LABEL = r"[A-Za-z]|[ア-ソ]|\d{1,2}|[①-⑳]"
_OPENING = re.compile(
    rf"[\s*_`\"'「『]*(?:(?:option|choice|letter|statement|選択肢|肢)\s*)?(?P<open>[(\[「『【<{{]?)[*_]*(?P<label>{_LABEL})(?P<close>[*_]*[)\]」』】>}}]?)(?P<mark>[.:、,]?)[*_]*(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_MORE = re.compile(
    rf"\s*(?:,|、|・|&|/|;|\band\b|と|および|及び)\s*(?:and\s)?(?:選択肢)?[(\[「]?[*_]*({_LABEL})[*_]*[)\]」]?(?![A-Za-z0-9は])",
    re.IGNORECASE,
)
_JOINED = re.compile(r"[\s*_`\"'(\[]*([A-Za-z]{2,6})[\s*_`\"')\].,。]*$")
_LINE_LABEL = re.compile(
    rf"^[ \t]*(?:[-*•][ \t]+)?[*_]*[(\[]?(?P<label>{_LABEL})[)\].:、](?!\d)", re.MULTILINE
)
_LIST = rf"[(\[「]?(?:{_LABEL})[)\]」]?(?:\s?(?:と|、|,|および|及び|\band\b)\s?[(\[「]?(?:{_LABEL})[)\]」]?){{0,4}}"
_NAMED = re.compile(
    rf"(?:options?|choices?|選択肢|statements?)\s?[*_]*(?P<a>{_LIST})(?![A-Za-z0-9])"
    rf"|(?<![A-Za-z0-9])(?P<b>{_LIST})[*_]*\s?(?:(?:is|are) (?:the )?(?:correct|right|best|true)\b|[がは](?:最も)?(?:正しい|正解|適切|該当|答え))",
    re.IGNORECASE,
)
_NAMING: Final = (
    "option", "choice", "statement", "選択肢", "correct", "right", "best", "true", "正し", "正解", "適切", "該当", "答え",
)  # fmt: skip
_ONE_LABEL = re.compile(rf"(?<![A-Za-z0-9])(?:{_LABEL})(?![A-Za-z0-9])")
_BOLD_LABEL = re.compile(
    rf"\*\*\s?(?:option |選択肢)?[(\[]?(?P<label>{_LABEL})(?:[)\].:][^*\n]{{0,200}})?\*\*",
    re.IGNORECASE,
)
_BRACKETED = re.compile(rf"[(\[](?P<label>{_LABEL})[)\]]")
_NEGATED = re.compile(r"\b(?:not|incorrect|wrong|false|n't)\b|誤|不適切|ない|間違")
_JSON_LIST = re.compile(r"^\[\s*\"|\"(?=\s*[,\]])|(?<=, )\"|\"\]$")
_NOTHING = re.compile(
    r"(?:です|だ|である|になります|となります|でしょう|だと思います|と思います)?[\s.。)\]!]*$"
)
_OPENED = re.compile(
    r"[*_)」』\]]*\s{0,2}(?:(?:です|だ|である|でしょう|になります|となります|だと思います|かと思います|と考えます|が正解(?:です)?|が答え(?:です)?)(?:ね|よ)?(?:[。、.,!\n]|$)|[.。](?=\s|$|[^\x00-\x7f])|,\s(?:because|since|as|which|the|it)\b|\s(?:because|since)\b|\s-{1,2}\s|\n)"
)
"""What may follow labels at the start that are the answer: the end of their sentence or clause."""

_COPULA_JA = re.compile(
    rf"(?:は|が|、|つまり|すなわち|なので|から|で)\s?[(\[「『]?(?P<label>[A-Za-z]|[ア-ソ]|[①-⑳])[)\]」』]?\s?(?:です|だ(?:と思|。|$)|である|になります|となります|でしょう|かと思います|と(?:考え|思い|判断し)ます|を選び(?:ます|ました))(?!が、|けど)"
)
_TOLD: Final = 8
_OPENING_CHARS: Final = 80
_SPAN_CHARS: Final = 600
"""How much of a sentence is searched for an option's text; no option is longer."""

_ARTICLES: Final = frozenset("aAiI")


def picked(choices: tuple[Choice, ...], content: str) -> Labels | None:
    """The options that the content of a marked statement picks, None when it picks none.

    Args:
        choices: The question's options.
        content: What stands behind the marker, on one line.
    """
    options = choices or _UNKNOWN_OPTIONS
    content = _JSON_LIST.sub("", folded(plain(content)).strip())
    return _by_label(options, content) or _joined(options, content) or by_text(choices, content)


def picked_exactly(choices: tuple[Choice, ...], content: str) -> Labels | None:
    """The options a text picks that says nothing else, such as ``B`` or ``(a), (c)``."""
    options = choices or _UNKNOWN_OPTIONS
    content = folded(plain(content)).strip()
    found = _labels_at_start(options, content)
    if found is not None and _NOTHING.match(unwrapped(found[1])):
        return found[0]
    return _joined(options, content)


def picked_last(choices: tuple[Choice, ...], content: str) -> Labels | None:
    """The option named last in a text that leads up to "… is the answer"."""
    options = choices or _UNKNOWN_OPTIONS
    words = re.findall(rf"(?<![A-Za-z0-9])(?:{_LABEL})(?![A-Za-z0-9])", folded(content))
    label = next((found for word in reversed(words) if (found := _known(options, word))), None)
    if label is None or label in _ARTICLES:
        return by_text(choices, content) or ((label,) if label else None)
    return (label,)


def picked_in_prose(choices: tuple[Choice, ...], text: str) -> Labels | None:
    """The options an answer without any marker picks."""
    options = choices or _UNKNOWN_OPTIONS
    text = text.strip()
    exact = picked_exactly(choices, text) if len(text) <= 60 else None  # noqa: PLR2004 - letters alone are short
    if exact:
        return exact
    opened = _opened(options, text)
    if opened:
        return opened
    lines = {known for m in _LINE_LABEL.finditer(text) if (known := _known(options, m["label"]))}
    opening = _LINE_LABEL.match(text)
    if opening is not None and len(lines) == 1:
        return (lines.pop(),)
    low = text.lower()
    for pattern, signs in ((_NAMED, _NAMING), (_BOLD_LABEL, ("**",))):
        if not any(sign in low for sign in signs):
            continue
        named = list(_mentions(options, text, pattern))
        if named:
            return named[-1]
    told = sentences(text)
    for sentence in reversed(told[-_TOLD:] if not text.isascii() else ()):
        copula = list(_COPULA_JA.finditer(sentence))
        if copula and (label := _known(options, copula[-1]["label"])):
            return (label,)
    for sentence in (*reversed(told[-2:]), *told[:1]):
        bracketed = list(dict.fromkeys(_mentions(options, sentence, _BRACKETED)))
        if len(bracketed) == 1 and not _NEGATED.search(sentence):
            return bracketed[0]
        by_name = by_text(choices, sentence)
        if by_name and (
            not _NEGATED.search(sentence) or _NEGATED.search(dict(choices)[by_name[0]])
        ):
            return by_name
    return None


def _opened(options: tuple[Choice, ...], text: str) -> Labels | None:
    """The options a text opens with, in a sentence or clause that says nothing else."""
    found = _labels_at_start(options, text[:_OPENING_CHARS])
    return found[0] if found and _OPENED.match(found[1]) else None


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
    found = _labels_at_start(options, content)
    return found[0] if found else None


def _labels_at_start(options: tuple[Choice, ...], content: str) -> tuple[Labels, str] | None:
    """The labels a text begins with, and what comes behind them."""
    opening = _OPENING.match(content)
    first = _known(options, opening["label"]) if opening else None
    if opening is None or first is None or _is_article(options, content, opening, first):
        return None
    labels = [first]
    at = opening.end("close")
    while more := _MORE.match(content, at):
        label = _known(options, more[1])
        if label is None:
            break
        labels.append(label)
        at = more.end()
    rest = content[opening.end() if len(labels) == 1 else at :]
    return _ordered(options, labels), rest


def _joined(options: tuple[Choice, ...], content: str) -> Labels | None:
    """Letters run together, each an option and in order: ``ae`` picks a and e."""
    match = _JOINED.match(content)
    if match is None:
        return None
    labels = [_known(options, letter) for letter in match[1]]
    known = [label for label in labels if label is not None]
    if len(known) != len(labels) or len(set(known)) != len(known):
        return None
    ordered = _ordered(options, known)
    return ordered if list(ordered) == known else None


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


def _mentions(options: tuple[Choice, ...], text: str, pattern: re.Pattern[str]) -> Iterator[Labels]:
    for match in pattern.finditer(text):
        written = next(group for group in match.groups() if group)
        labels = [known for w in _ONE_LABEL.findall(written) if (known := _known(options, w))]
        if labels and not _NEGATED.search(text[match.end() : match.end() + 16]):
            yield _ordered(options, labels)


def _known(options: tuple[Choice, ...], written: str) -> str | None:
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


def _ordered(options: tuple[Choice, ...], labels: list[str]) -> Labels:
    return tuple(label for label, _ in options if label in labels)


def _contains(text: str, part: str) -> bool:
    if part.isascii():
        return f" {part} " in f" {text} "
    return part in text
