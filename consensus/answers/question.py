"""What a prompt asks for: a number, one of its options, yes or no, a date, code, or free text."""

from __future__ import annotations

import re
from typing import Final

from consensus.answers.choices import choices
from consensus.answers.demands import (
    demands,
    has_any,
    wants_expression,
    wants_names,
    wants_solutions,
)
from consensus.answers.folding import bounded, folded, is_japanese, sentences
from consensus.answers.kinds import AnswerKind, Language, Question
from consensus.answers.units import asked_unit

_YES_NO_FORMAT = re.compile(
    r"\byes[ /]or[ /]no\b|\byes/no\b|\b(?:answer|respond|reply) (?:with )?(?:only )?(?:\W?yes\W? or|\W?true\W? or)|\btrue or false\b"
    r"|はい(?:」|』)?(?:か|または|もしくは|/|・)(?:「|『)?いいえ|○か×|正しいか(?:どうか)?(?:答え|判断)"
)
_NUMBER_FORMAT = re.compile(
    r"\b(?:answer|respond|reply|output|return|give)\b[^.\n]{0,30}\b(?:single |only |just )?(?:a |the |one )?(?:single |final )?(?:number|integer|numeric(?:al)? (?:value|answer))\b"
    r"|(?:数字|数値|整数)(?:だけ|のみ|で(?:答え|回答))"
)
_DATE_FORMAT = re.compile(r"\byyyy-mm-dd\b|\bmm/dd/yyyy\b|\bdd/mm/yyyy\b")
_CODE = re.compile(
    r"\b(?:write|implement|create|give|show|provide|complete|fix|refactor|generate)\b[^.?\n]{0,60}\b(?:function|program|script|code|(?:python|java|javascript|typescript|rust|go|c|ruby|lambda|boolean|list|sql) (?:expression|statement|comprehension|line)|lambda|one line of|quer(?:y|ies)|regex|regular expression|one-liner|class|method|sql|snippet|command)\b"
    r"|\bassert\b[^\n]{0,2000}==\s?\?\?|\boutput of (?:the|this)\b[^.?\n]{0,40}\b(?:code|program|function|snippet|script|expression)\b"
    r"|\bwhat (?:does|will|would) (?:the|this)\b[^.?\n]{0,40}\b(?:print|output|return|evaluate)|\bpython literal\b"
    r"|(?:関数|コード|プログラム|スクリプト|クエリ|正規表現|sql文?|メソッド|ワンライナー|コマンド)を(?:書|作|実装|示|教え|記述|完成|修正)|(?:python|javascript|typescript|java|ruby|rust|go言語|c言語|sql|bash|シェル)[^。\n]{0,20}(?:式|文|一行|1行|表記)[をで](?:書|作|示|教え|記述|答え)"
    r"|(?:コード|プログラム|関数)[^。\n]{0,30}(?:出力|戻り値|返り値|実行結果)"
)
_CODE_WORDS: Final = (
    "function", "program", "script", "code", "expression", "statement", "comprehension", "line", "lambda", "quer",
    "regex", "class", "method", "sql", "snippet", "command", "assert", "output", "print", "return", "evaluate", "literal",
)  # fmt: skip
_CODE_WORDS_JA: Final = (
    "関数", "コード", "プログラム", "スクリプト", "クエリ", "正規表現", "メソッド", "ワンライナー", "コマンド", "式", "文", "行",
    "表記",
)  # fmt: skip
"""One of these is in whatever `_CODE` finds."""

_JSON = re.compile(
    r"\b(?:as|in|into|to|valid|return|output|a|only|with)\s(?:a |an |valid |raw |the following |following |single )?json\b|jsonで|json形式"
)
_ANSWER_FIELD = re.compile(
    r"[\"'`](?:final[ _]?)?(?:answer|result|答え|回答|解答)[\"'`]\s?:|`answer` field"
)
_FREE = re.compile(
    r"\bopinion\b|\bdo you (?:think|feel)\b|^\W{0,5}(?:please |kindly |can you |could you |would you |will you )?(?:explain|describe|discuss|summari[sz]e|compare|write|tell|suggest|translate|rewrite|recommend|help|list|outline|analy[sz]e|brainstorm|draft|propose|create|design|introduce|elaborate|give|provide|show|why|how (?:do|does|did|can|could|to|should|would|is|are|was|has|have)\b)"
    r"|なぜ|どうして|どのような|どんな|違いは|影響は何|意見|感想|メリット|コツ|説明|述べ|どのように|どうすれば|どうやって|とは何|とは(?:なん)?(?:です)?か|とは\?|要約|翻訳|提案|書いて|考えて|比較して|アドバイス|紹介して|理由"
)
_QUANTITY_NOUN = (
    r"sum|total|product|difference|quotient|average|mean|median|mode|value|area|volume|perimeter|circumference|probability|"
    r"remainder|number|amount|price|cost|distance|length|width|height|speed|ratio|percentage|square root|cube root|population|"
    r"depth|limit|thickness|duration|angle|slope|capacity|expenses?|earnings|income|discount|temperature|boiling point|freezing point|melting point|age|weight|mass|radius|diameter|degree|maximum|minimum|count|salary|profit|atomic number"
)
_SKIPPED = r"(?:(?!by |with |whose |having |that |which |who )[\w-]+ )"
"""A word before the quantity asked for; "the largest country by area" asks for no area."""

_SUPERLATIVE = rf"(?:largest|smallest|greatest|least|highest|lowest|biggest) (?:{_SKIPPED}{{0,3}}(?:numbers?|integers?|values?|primes?|divisor|multiple|factor|root|solution|digit)\b|[a-z]\b|of \d)"
_OPERAND = r"-?[$€£¥]?\d[\d,]*(?:\.\d+)?"
_ARITHMETIC = (
    rf"\b(?:add|sum|subtract|multiply|divide) (?:up )?(?:the numbers? )?{_OPERAND} (?:and|to|from|by|with) {_OPERAND}(?= (?:and|then|together)\b|\s*(?:[,.;:?!)。、]|$))"
    rf"|{_OPERAND}\s?(?:と|に|から|を)\s?{_OPERAND}\s?(?:を|で)\s?(?:足|加え|引い|掛け|かけ|割)"
)
"""Arithmetic told to be done: "add 12 and 30"; not "add 2 and 3 more examples"."""

_NUMBER = re.compile(
    r"\bhow (?:many|much|old|tall|far|fast|long|big|heavy|high|deep|wide|large)\b"
    rf"|\bwhat(?: is|'s| are| was| were| will be| would be)? (?:the |his |her |their |its |your )?(?:{_SKIPPED}{{0,4}}?(?:{_QUANTITY_NOUN})\b|{_SUPERLATIVE})"
    r"|\b(?:what|which) (?:percent|percentage|fraction|number|integer)\b|\b(?:calculate|compute|evaluate|simplify|determine the (?:number|value|larger|smaller|bigger))\b"
    rf"|\bfind (?:the |all )?(?:{_SKIPPED}{{0,3}}?(?:{_QUANTITY_NOUN})\b|{_SUPERLATIVE})|\bfind \$|\bsolve for\b"
    r"|\d\s?(?:[-+*/×÷^]|plus|minus|times|divided by|multiplied by|(?:to the power|modulo|mod)\b)\s?(?:\d|(?:one|two|three|four|five|six|seven|eight|nine|ten|half)\b)|\d\s?(?:%|percent)\sof\b|\b(?:half|double|twice|triple|a (?:third|quarter)) of \$?\d|\d (?:squared|cubed)\b|平方根|立方根"
    rf"|{_ARITHMETIC}"
    r"|\d(?:\.\d+)?\s(?:and|or)\s\d[^.?\n]{0,60}(?:bigger|larger|smaller|greater|less|higher|lower)|(?:bigger|larger|smaller|greater|higher|lower)\b[^.?\n]{0,60}\d\s(?:and|or)\s\d"
    r"|いくつ|いくら|何(?:個|人|円|匹|本|枚|台|回|倍|時間|分|秒|歳|才|%|パーセント|名|頭|冊|杯|件|点|階|km|cm|mm|kg|g|m|l|メートル|キロ|グラム|リットル|ドル|度|通り|種類|か国|カ国|ヶ国|か月|ヶ月|年間|日間|週間|桁|歩|羽|足|着|軒|問|色|字|文字)"
    r"|どれ(?:くらい|ぐらい|ほど|だけ)|計算|求め(?:よ|て|なさい|る)|合計|平均|面積|体積|確率|割合|最大値|最小値|人口は"
)
_DATE = re.compile(
    r"^\W{0,3}(?:and |so |exactly |in |on |since |until |by )?(?:when (?:did|was|is|were|will|do|does|are|has|have|had|can|should|exactly)\b|(?:what|which) (?:year|date|day(?! of the week)|month)\b)|\b(?:in|on|of|by) (?:what|which) (?:year|date|day(?! of the week))\b|\bwhat (?:is|was|were|are) the (?:exact )?date\b"
    r"|いつ|何年(?!間|生|も)|何月何日|西暦何|何日(?!間|か)"
)
_YEAR = re.compile(r"\b(?:what|which) year\b|何年(?!間|何月)|西暦何")
_YES_NO = re.compile(
    r"^\W{0,3}(?:so,? |and |but |then,? |also,? |now,? )?(?:is|are|was|were|am|do|does|did|can|could|will|would|should|shall|has|have|had|may|might|must|isn't|aren't|wasn't|weren't|don't|doesn't|didn't|can't|won't|shouldn't|hasn't|haven't)\b"
)
_TIME = re.compile(r"\bwhat time\b|\b(?:what|which) hour\b|何時(?!間|代)")
_RATIO = re.compile(r"\bratio\b|の比(?:は|を|率)|何対何|\bodds\b")
_YES_NO_LATER = re.compile(
    r"[,:]\s(?:then )?(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have)\s(?:it|the|there|this|that|they|he|she|you|we|i|a|an|all|any|my|his|her|their|its)\b[^,]{0,200}\?$"
)
_ALTERNATIVES = re.compile(r"\bor\b(?! not)(?! rather)")
_REQUEST = re.compile(
    r"\b(?:can|could|would|will) you\b[^?]{0,20}\b(?:explain|tell|describe|give|write|list|help|provide|show|summari[sz]e|please|translate|recommend|suggest|create|make|find|name)\b"
    r"|(?:てくれ|てもらえ|ていただけ|てください|下さ)(?:ます|ません)?"
)
_YES_NO_JA = re.compile(
    r"(?:です|ます|でしょう|ません|ました|ましたか|ない|ある|いる|よい|良い|いい|べき|可能|正しい|できる)(?:の|ん)?(?:です)?か[?。\s]*$|(?:る|た|い|だ)(?:の)?か\?$|(?:の|ん|ます|です|る|た|い)\?$"
)
_INTERROGATIVE_JA = re.compile(
    r"何|なに|なん|誰|だれ|どこ|どれ|どの|どちら|どっち|いつ|いくつ|いくら|なぜ|どう|どんな|どなた|どういう|それとも"
)
_PHRASE = re.compile(
    r"\b(?:who|whom|whose|where)\b|\bwhich\b|\bwhat (?!is an?\b|are\b|does\b|do\b|did\b|is the (?:purpose|difference|reason|meaning|point|best way|significance|importance|role|impact|effect)|if\b|happens|would happen|should)(?:[\w'-]+ )|\bin one word\b|\bone[- ]word\b|\bname (?:the|a|one)\b|\bshort answer\b"
    r"|誰|だれ|どこ|どの|どちら|どっち|何と(?:い|言|呼)|何という|名前|首都|は何(?:です|でしょう|か|\?|$)|はなん(?:です|でしょう)|何(?:語|色|県|市|座|曜日|類|科)|一言で|一語で|単語で"
)
_COMPARED = re.compile(
    r"bigger|larger|smaller|greater|less\b|lesser|higher|lower|largest|smallest|大きい|小さい|大きな|小さな"
)
_WHICH_OF_FIGURES = re.compile(
    r"^\W*which (?:one |number |value |figure |of (?:them|these|those|the two|the (?:two )?(?:numbers|values)) )?(?:is|was) (?:the )?(?:bigger|larger|smaller|greater|less|lesser|higher|lower|biggest|largest|smallest|greatest|highest|lowest)(?: (?:one|number|value|of the two))?\W*$"
    r"|^(?:どちら|どっち|どれ)(?:の(?:数|値|方|ほう))*が[^。?]{0,6}(?:大き|小さ)[^。?]{0,10}[。?]?$"
)
_FIGURES = re.compile(r"(?<![a-z\d])\d+(?:\.\d+)?(?![a-z\d])")
_OPEN_TASK = re.compile(
    r"\W{0,5}(?:please )?(?:summari[sz]e|translate|rewrite|proofread|describe|explain|discuss)\b"
)
_OPEN_TASK_JA = re.compile(
    r"(?:要約|翻訳|説明|提案|作成|紹介)して|訳して|書き換え|に直して|考えて(?:くだ|下)|述べて|日本語にして|英語にして|まとめて"
)
_VALUE = re.compile(
    r"==\s?\?\?|\boutput of\b|\bliteral\b|\b(?:print|return|output|evaluate)s?(?: to)?\s?\?|\bwhat (?:does|will|would)\b[^.?\n]{0,60}\b(?:print|output|return|evaluate)|出力|戻り値|返り値|実行結果"
)
_ASKED_OF_CODE = re.compile(
    r"\bwhat (?:is|will be|would be|gets?) (?:printed|output|displayed)\b"
    r"|\bwhat(?:'s| is| will be| would be) the (?:exact |final |printed |console |expected )?output\b"
    r"|\bassert\b[^\n]{1,600}==[ \t]?(?:\?|_{2}|\.{3}|#|\n|$)"
    r"|\bwhat (?:does|will|would) `?[\w.]{1,60}\([^\n]{0,300}\)`? (?:return|print|output|evaluate|give|yield|display|produce)"
    r"|\b(?:output|result|value) (?:of|from) (?:calling |running |executing |evaluating )?`?[\w.]{1,60}\("
    r"|\)`?\s?[のはがを][^\n。]{0,16}?(?:出力|戻り値|返り値|結果|値|返)|何[がとを](?:出力|表示|印字)|(?:コード|プログラム)[^。\n]{0,30}実行した結果"
)
"""What a call yields or a program prints is asked for, where the prompt holds code."""

_AUXILIARY = r"(?:is|are|was|were|did|do|does|has|have|had|can|could|will|would|should)\b"
_ASKED_TOO = re.compile(
    r"(?:,? and|;|, as well as) (?:also |then )?(?:in |on |at |by |for |from |to )?"
    rf"(?:(?P<word>when|where|why|who|whom|what|which|how) {_AUXILIARY}"
    rf"|(?P<noun>what|which|how) (?!(?:i|you|he|she|it|we|they|this|that|the|an?|his|her|their|its|my|your|our)\b)[\w-]+ (?:[\w-]+ )?{_AUXILIARY}"
    r"|(?P<agent>who) (?:wrote|built|designed|invented|painted|made|won|founded|discovered|directed|composed|led|ruled)\b)"
)
"""A second question behind the first, told from a clause by its inversion: "and when was it built"."""

_ASKS_FIRST = re.compile(
    r"(?:^|, )\W{0,3}(?:and |so |in |on |at |by |for |from |to )?(?:how|what|when|where|who|whom|which|why)\b"
)
_WORD_ASKING_JA = r"(?:いつ|どこ|誰|だれ|なぜ|いくつ|いくら|どれ(?:くらい|ぐらい|ほど)|何(?:[^\s、。?かもでと]{0,4}))(?![かも](?!ら))"
_ASKED_TOO_JA = re.compile(
    rf"{_WORD_ASKING_JA}[^。?、]{{0,20}}?(?:で|し|であり|ですか|ますか|か)[、,](?:また|そして|それは|さらに)?、?[^。?、]{{0,20}}{_WORD_ASKING_JA}"
    r"|(?:高さ|長さ|重さ|広さ|面積|体積|人口|距離|値段|価格|標高|身長)(?:と|、および|および|や)(?:[^、。?の]{1,8}の)?[^、。?の]{0,6}(?:年|日|時期|場所|名前|理由|人物|作者|設計者)(?:は|を|はいつ)"
)

_CODE_SIGNS: Final = ("`", "def ", "print(")
_CONTINUED = re.compile(r"\s{0,4}\n\s{0,4}(?=[a-z\\$])")
_ASKING = re.compile(r"\?|か[。]?$|なさい|せよ|めよ|べよ|答えよ|ください")
_QUESTION_LABEL = re.compile(
    r"^\W{0,6}(?:question|q|problem|問題|質問|問|設問)\s?\d{0,3}\s?[:.)]?\s*(?=\S)"
)
_SENTENCES: Final = 6
"""How many of the last asking sentences are read, the last first."""

_FOCUS_CHARS: Final = 600

_DEMAND_CHARS: Final = 2_000
"""How much of a prompt's end is searched for the form it demands."""


def read_question(prompt_text: str) -> Question:
    """What a prompt asks for, as far as its wording tells.

    Only the start and the end of an overlong prompt are read; this never raises.
    """
    text = bounded(prompt_text)
    fold = folded(text)
    low = fold.lower()
    language: Language = "ja" if is_japanese(fold) else "en"
    options = choices(fold, low)
    if options:
        return Question(text, AnswerKind.CHOICE, options, language)
    asks, asking = _asked(low, _CONTINUED.sub(" ", fold).lower() if "\n" in fold else low)
    form = demands(low[-_DEMAND_CHARS:], asking)
    unit: str | None = None
    if asks is AnswerKind.NUMBER:
        ratio = has_any(asking, ("ratio", "odds", "比", "対")) and _RATIO.search(asking)
        unit = "ratio" if ratio else asked_unit(low)
    elif asks is AnswerKind.DATE and _YEAR.search(low):
        unit = "year"
    return Question(
        text,
        asks,
        (),
        language,
        unit,
        wants_value=asks is AnswerKind.CODE
        and (_VALUE.search(low) is not None or _asked_of_code(low)),
        several=form.several,
        ordered=form.ordered,
        places=form.places,
        negated=asks is AnswerKind.YES_NO and form.negated,
        equation=form.equation,
    )


def _asked(low: str, running: str) -> tuple[AnswerKind, str]:
    """The kind asked for by the prompt, and the sentence that asks for it.

    Args:
        low: The folded prompt in lower case.
        running: The same with broken sentences rejoined.
    """
    ascii_only = low.isascii()
    for kind, pattern, signs, signs_ja in _FORMATS:
        if not (has_any(low, signs) or (not ascii_only and has_any(low, signs_ja))):
            continue
        if pattern.search(low) and not (kind is AnswerKind.JSON and _ANSWER_FIELD.search(low)):
            return kind, low[-_FOCUS_CHARS:]
    if _asked_of_code(low):
        return AnswerKind.CODE, ""
    told = sentences(running)
    if told and (_OPEN_TASK.match(told[0]) or (not ascii_only and _OPEN_TASK_JA.search(told[0]))):
        return AnswerKind.FREE_TEXT, ""
    asking = [s for s in told if _ASKING.search(s)] or told
    for sentence in reversed(asking[-_SENTENCES:]):
        if (
            _WHICH_OF_FIGURES.match(sentence)
            and len(_FIGURES.findall(low[-_FOCUS_CHARS * 2 :])) > 1
        ):
            return AnswerKind.NUMBER, sentence
        focus = _QUESTION_LABEL.sub("", sentence[-_FOCUS_CHARS:])
        kind_asked = AnswerKind.FREE_TEXT if _asks_twice(focus) else _asked_by(focus)
        if kind_asked is not None:
            return kind_asked, focus
    whole = _QUESTION_LABEL.sub("", low[-_FOCUS_CHARS * 2 :])
    counted = _NUMBER.search(whole) and not _FREE.match(whole)
    return (AnswerKind.NUMBER if counted else AnswerKind.FREE_TEXT), whole


def _asked_of_code(low: str) -> bool:
    return has_any(low, _CODE_SIGNS) and _ASKED_OF_CODE.search(low) is not None


def _asked_by(focus: str) -> AnswerKind | None:
    """What one sentence asks for, None when it does not tell."""
    if wants_expression(focus):
        return AnswerKind.EXPRESSION
    if wants_names(focus):
        return AnswerKind.LIST
    if has_any(focus, ("time", "hour", "何時")) and _TIME.search(focus):
        return AnswerKind.TIME
    if (_NUMBER.search(focus) or wants_solutions(focus)) and not _FREE.match(focus):
        return AnswerKind.NUMBER
    if _COMPARED.search(focus) and len(_FIGURES.findall(focus)) > 1:
        return AnswerKind.NUMBER
    tests = (
        (AnswerKind.FREE_TEXT, _FREE.search),
        (AnswerKind.DATE, _DATE.search),
        (AnswerKind.YES_NO, _is_yes_no),
        (AnswerKind.PHRASE, _is_either_or),
        (AnswerKind.PHRASE, _PHRASE.search),
    )
    return next((kind for kind, test in tests if test(focus)), None)


def _asks_twice(focus: str) -> bool:
    """Whether a sentence asks two questions, which no one number, date or name answers."""
    if not focus.isascii() and _ASKED_TOO_JA.search(focus):
        return True
    too = _ASKED_TOO.search(focus)
    first = None if too is None else _ASKS_FIRST.search(focus)
    if too is None or first is None or first.end() > too.start():
        return False
    # "The men who can swim and who are over 40", "between how much A and how much B has": clauses.
    word = too["word"] or too["noun"] or too["agent"]
    return f" {word} " not in focus[first.end() : too.start()]


def _is_yes_no(focus: str) -> bool:
    if _REQUEST.search(focus):
        return False
    if _YES_NO.match(focus) or _YES_NO_LATER.search(focus):
        return not _ALTERNATIVES.search(focus)
    return bool(_YES_NO_JA.search(focus)) and not _INTERROGATIVE_JA.search(focus)


def _is_either_or(focus: str) -> bool:
    """Whether a question offers alternatives: "Is a whale a fish or a mammal?"."""
    return _YES_NO.match(focus) is not None and _REQUEST.search(focus) is None


_FORMATS: Final = (
    (AnswerKind.YES_NO, _YES_NO_FORMAT, ("yes", "true"), ("はい", "○か×", "正しいか")),
    (AnswerKind.DATE, _DATE_FORMAT, ("yyyy",), ()),
    (AnswerKind.CODE, _CODE, _CODE_WORDS, _CODE_WORDS_JA),
    (AnswerKind.JSON, _JSON, ("json",), ()),
    (
        AnswerKind.NUMBER,
        _NUMBER_FORMAT,
        ("number", "integer", "numeric"),
        ("数字", "数値", "整数"),
    ),
)
"""Demands on the answer's form, which say more than the question's words do; with the words one of which
each needs: looking for words costs next to nothing."""
