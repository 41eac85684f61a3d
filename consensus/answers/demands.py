"""What a prompt demands of its answer's form: several things, their order, decimal places, an equation."""

from __future__ import annotations

import re
from typing import Final

from providers.values import value

MAX_PLACES: Final = 12
"""More decimal places than a double tells apart are no rounding."""

_COUNTS = r"(?:two|three|four|five|six|seven|eight|nine|ten|[2-9]|10)"
_SEVERAL = re.compile(
    r"\b(?:separated by (?:a )?(?:commas?|semicolons?)|comma[- ]separated)\b"
    r"|\b(?:find|give|list|name|enter|state|determine|what are|solve for|compute|write) (?:me )?(?:down )?(?:all|every|both)\b"
    rf"|\b(?:which|what are(?: the)?|name(?: the)?|list(?: the)?|give(?: me)?(?: the)?|find(?: the)?) (?:first |last |top |only |main |largest |smallest |most \w+ )*{_COUNTS}\b(?! (?:digits?|percent|decimal|times|hundred|thousand|million|billion|more|less)\b)"
    r"|(?:カンマ|コンマ|読点)(?:で)?区切|(?:すべて|全て|全部)(?:を)?(?:挙げ|答え|求め|列挙|書き|教え)|[2-9２-９二三四五六七八九]つ(?:を)?(?:挙げ|答え|書き|教え|列挙)"
)
_NAMES_WANTED = re.compile(
    rf"\b(?:separated by (?:a )?(?:commas?|semicolons?)|comma[- ]separated)\b|\b(?:which|what are(?: the)?|name(?: the)?|list(?: the)?|give(?: me)?(?: the)?) (?:first |last |top |only |main |largest |smallest |most \w+ )*{_COUNTS}\b"
    r"|(?:カンマ|コンマ|読点)(?:で)?区切|[2-9２-９二三四五六七八九]つ(?:を)?(?:挙げ|答え|書き|教え|列挙)"
)
_OPEN_NOUN = re.compile(
    r"\b(?:advantages?|disadvantages?|benefits?|reasons?|ways?|tips?|ideas?|examples?|steps?|arguments?|differences?|strategies|points?|suggestions?|pros|cons|facts?|sentences?|questions?|methods?|factors that|things)\b|メリット|デメリット|理由|方法|例を|例は|ポイント|違い|アイデア|コツ|特徴|注意"
)
_ORDERED = re.compile(
    r"\b(?:in|into) (?:alphabetical|chronological|numerical|ascending|descending|increasing|decreasing|reverse|the (?:correct|right|given|same)|this|that) order\b|\bin order\b(?! to\b)|\bordered (?:pair|triple|list|by)\b|\brespectively\b"
    r"|\bfrom (?:the )?(?:smallest|largest|lowest|highest|oldest|youngest|earliest|latest|first|least|greatest|most|shortest|longest|lightest|heaviest|closest|nearest|north|south|east|west)\b[^.?]{0,30}\bto\b|\b(?:sort|rank|arrange|order) (?:the|these|them|it)\b"
    r"|順に|順番|昇順|降順|並べ|小さい方から|大きい方から|それぞれ"
)
_TO_PLACES = re.compile(
    r"\b(?:to|with|at|using) (?:exactly |at most )?(?P<count>one|two|three|four|five|six|a single|\d{1,2}) (?:decimal|digits? after the (?:decimal )?(?:point|comma)|places? (?:after|of) (?:the )?decimal)"
    r"|\bto (?:the )?(?P<count2>\d|one|two|three|four) d\.?p\.?\b"
    r"|小数(?:点以下)?(?:第)?(?P<ja>[1-9一二三四五六])(?:位|桁)(?P<at>を|で|の位で)?(?:四捨五入)?"
)
_NEAREST = re.compile(
    r"\b(?:round\w*|express\w*|give\w*|answer|correct|accurate|report\w*|state\w*|write)\b[^.?\n]{0,60}\b(?:to|up to) (?:the )?nearest (?P<unit>tenth|hundredth|thousandth|ten[- ]thousandth|whole|integer|cent|penny|dollar|percent|degree|minute|second|year|day|meter|metre|mile|kilometer|pound|gram|inch|foot)\b"
    r"|整数(?:で|に)四捨五入|四捨五入して整数|小数点以下(?:は|を)?四捨五入"
)
_NEAREST_PLACES: Final = {
    "tenth": 1,
    "hundredth": 2,
    "thousandth": 3,
    "ten-thousandth": 4,
    "ten thousandth": 4,
    "cent": 2,
    "penny": 2,
}
_WORD_COUNTS: Final = {word: n for n, word in enumerate(("one", "two", "three", "four", "five", "six"), start=1)} | {"a single": 1} | {digit: n for n, digit in enumerate("一二三四五六", start=1)}  # fmt: skip
_NEGATED = re.compile(
    r"^\W*(?:so,? |but |and )?(?:isn't|aren't|wasn't|weren't|doesn't|don't|didn't|won't|can't|couldn't|hasn't|haven't|shouldn't|wouldn't)\b"
    r"|(?:ません|ない|なかった)(?:の|ん)?(?:です|でしょう)?か[?。\s]*$|(?:ません|ない)(?:の|ん)?\?$"
)
_RHETORICAL = re.compile(
    r"(?:では|じゃ)(?:ない|ありません)(?:の|ん)?(?:です|でしょう)?か?[?。\s]*$"
)
_EQUATION = re.compile(
    r"\b(?:equation|formula) (?:of|for|that|which|whose|in)\b|\b(?:find|write|give|determine|what is) (?:an?|the) (?:\w+ ){0,3}equation\b|方程式を(?:求め|答え|書)|の式を(?:求め|答え|書)"
)
_EXPRESSION = re.compile(
    r"\b(?:factor(?:i[sz]e)?|expand|differentiate|integrate|simplify|rationali[sz]e|antiderivative|derivative|integral|partial fractions?|inverse function|interval notation|polynomial)\b"
    r"|\bequation of (?:the|a)\b|\bin terms of \$?\\?(?:[b-z]\b|a(?=[,.?$)])|theta|alpha|pi\b)|\bsolve (?:the |for )?(?:inequality|\$?[a-z]\$?[.?]|[^.?]{0,30}[<>≤≥])|\bexpress [^.?\n]{0,60}\bas (?:a|an) (?:function|polynomial|single)"
    r"|因数分解|展開|微分|積分|導関数|不等式を解|逆関数|方程式を求め|式で表"
)
_EQUATION_OF_A_CURVE = re.compile(
    r"\bequation (?:of|for) (?:the|a) (?:\w+ ){0,2}(?:line|circle|parabola|plane|tangent|ellipse|hyperbola|curve|axis|asymptote|normal)\b|(?:直線|円|放物線|接線|曲線|平面)の(?:方程)?式"
)
_SOLUTIONS = re.compile(
    r"\b(?:find|solve|determine|give|list|state|enter|compute|what (?:is|are))\b[^.?\n]{0,40}\b(?:solutions?|roots?|zeros?|zeroes|values?)\b|\bsolve\b|を解(?:け|い|き)|の解(?:は|を)"
)
_FORMULA_SIGN = re.compile(r"[\^$\\=+*²³√<>≤≥∫]|\d[a-z]|[a-z]\(|(?<![a-z])[b-z](?![a-z])")


_SEVERAL_SIGNS: Final = (
    "separated", "find", "give", "list", "name", "enter", "state", "determine", "what are", "solve for", "compute", "write",
    "which",
)  # fmt: skip
_NAMES_SIGNS: Final = ("separated", "which", "what are", "name", "list", "give")
_ORDER_SIGNS: Final = ("order", "respectively", "est to", "from ", "sort", "rank", "arrange", "順", "並", "方から", "それぞれ")  # fmt: skip
_PLACE_SIGNS: Final = ("decimal", "digit", "place", "nearest", "d.p", "dp", "小数", "四捨五入")
_EXPRESSION_SIGNS: Final = (
    "factor", "expan", "differentiat", "integra", "simplif", "rationali", "derivative", "fraction", "function",
    "interval", "polynomial", "in terms of", "solve", "express", "equation", "分", "開", "導関数", "不等式", "逆関数", "式",
)  # fmt: skip


@value(frozen=True, slots=True)
class Demands:
    """The form a prompt demands (see `consensus.answers.kinds.Question` for the fields)."""

    several: bool = False
    ordered: bool = False
    places: int | None = None
    negated: bool = False
    equation: bool = False


def demands(low: str, asking: str) -> Demands:
    """What a prompt demands of its answer's form.

    Args:
        low: The end of the folded prompt in lower case.
        asking: The sentence of it that asks.
    """
    return Demands(
        several=_may_ask(low, _SEVERAL_SIGNS) and _SEVERAL.search(low) is not None,
        ordered=has_any(low, _ORDER_SIGNS) and _ORDERED.search(low) is not None,
        places=_places(low) if has_any(low, _PLACE_SIGNS) else None,
        negated=_may_ask(asking, ("n't",))
        and _NEGATED.search(asking) is not None
        and not _RHETORICAL.search(asking),
        equation=has_any(low, ("equation", "formula", "式")) and _EQUATION.search(low) is not None,
    )


def has_any(low: str, signs: tuple[str, ...]) -> bool:
    """Whether a text has one of the signs a pattern needs: looking for words costs next to nothing."""
    return any(map(low.__contains__, signs))


def _may_ask(low: str, signs: tuple[str, ...]) -> bool:
    """False where a text in English has none of the signs a pattern needs there."""
    return has_any(low, signs) or not low.isascii()


def wants_names(asking: str) -> bool:
    """Whether a sentence asks for a told number of names, and not of reasons or ideas."""
    if not _may_ask(asking, _NAMES_SIGNS):
        return False
    return _NAMES_WANTED.search(asking) is not None and not _OPEN_NOUN.search(asking)


def wants_expression(asking: str) -> bool:
    """Whether a sentence asks for an expression of variables: a factorisation, a derivative."""
    if has_any(asking, ("equation", "式")) and _EQUATION_OF_A_CURVE.search(asking):
        return True
    if not has_any(asking, _EXPRESSION_SIGNS):
        return False
    return _EXPRESSION.search(asking) is not None and _FORMULA_SIGN.search(asking) is not None


def wants_solutions(asking: str) -> bool:
    """Whether a sentence asks for the solutions of something written in signs: numbers, or none."""
    return _SOLUTIONS.search(asking) is not None and _FORMULA_SIGN.search(asking) is not None


def _places(low: str) -> int | None:
    nearest = _NEAREST.search(low)
    if nearest:
        return _NEAREST_PLACES.get(nearest["unit"] or "", 0)
    told = _TO_PLACES.search(low)
    if told is None:
        return None
    written = told["count"] or told["count2"] or told["ja"]
    count = _WORD_COUNTS.get(written) or int(written)
    if told["ja"] and told["at"] in {"を", "の位で"}:  # 小数第2位を四捨五入 leaves one place
        count -= 1
    return count if count <= MAX_PLACES else None
