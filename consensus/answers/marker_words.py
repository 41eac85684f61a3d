"""The words by which an answer says that it answers, takes back, denies or only reports: English and Japanese."""

from __future__ import annotations

import re
from typing import Final

ANSWER: Final = re.compile(
    r"answer(?:s|\s(?:choice|letter|option))?(?:\s(?:to|for|of)\s[^.:?\n]{1,80}?)?[\"*_`)\]]{0,4}\s{0,2}"
    r"(?:(?:is|are|was)\b(?:\s(?:therefore|thus|then|simply|indeed|clearly|hence|option|choice))?\s{0,2}:?|:|=|->|→|(?:would|should|must|will) be\b:?)"
)
CORRECT: Final = re.compile(
    r"(?:correct|right|best|appropriate)\s(?:option|choice|letter|statement|one)\b(?:\s(?:to|for|of|from|among)\s[^.:?\n]{1,80}?)?[*_]{0,3}\s{0,2}(?:is\b\s{0,2}:?|:|would be\b)"
)
FINAL: Final = re.compile(
    r"final (?:result|value|number|choice|decision|verdict|conclusion)[*_]{0,3}\s{0,2}(?:is\b\s{0,2}:?|:|=)"
)
HEADING: Final = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]*|\*\*|__)(?:the )?(?:final |short |correct )?(?:answer|conclusion|最終的な答え|最終回答|答え|回答|解答|結論)[ \t]*(?:\*\*|__)?[ \t]*:?[ \t]*$",
    re.MULTILINE,
)
JAPANESE: Final = re.compile(
    r"【[^】\n]{0,6}(?:回答|解答|答え|正解|正答|結論|答)[^】\n]{0,4}】\s{0,2}:?"
    r"|(?:答え|回答|解答|正解|正答|(?<![回解正])答|最終結論|正しい(?:選択肢|もの|の)|適切な(?:選択肢|もの|の)|該当する(?:選択肢|もの|の))(?:番号|の記号|選択肢)?[」』\])*_\s]{0,4}(?:は|:|=|→)[、,:\s]{0,2}"
)
BEFORE_ENGLISH: Final = re.compile(
    r"\s(?:is|was|would be)\s(?:therefore\s)?(?:the|my|our)\s(?:final |correct |right |best )?$"
)
BEFORE_JAPANESE: Final = re.compile(
    r"[」』\])*_]{0,4}が(?:最終的な|最終|唯一の)?(?:答え|正解|正答|解答)"
)
CORRECTION: Final = re.compile(
    # Each word looks back for its beginning behind its first letter: with a letter at the head of
    # every branch the engine skips, at five times the speed, where none of these words can begin.
    r"(?:w(?<=\bw)ait|n(?<=\bn)o|o(?<=\bo)ops|s(?<=\bs)orry|h(?<=\bh)mm|a(?<=\ba)ctually|h(?<=\bh)old on"
    r"|s(?<=\bs)cratch that|o(?<=\bo)n second thought|m(?<=\bm)y mistake|c(?<=\bc)orrection"
    r"|l(?<=\bl)et me correct (?:that|myself)|i(?<=\bi) made (?:a mistake|an error))\b"
    r"(?:[,.:;!\s…-]{0,4}(?:(?:actually|no|sorry|wait|i mean|i meant|make that|it's|it is|that's|that is|it should be|that should be|it must be|should be|the correct (?:value|number|answer|one) is)\b[,:\s]{0,3}){1,4}"
    r"|(?<=correction)[:,]\s{0,2})"
)
CORRECTION_JAPANESE: Final = re.compile(
    r"(?:いや|いえ|待って(?:ください)?|すみません|失礼(?:しました)?|訂正(?:します)?|間違え(?:ました|た)|違いました)[、。,.:!\s…]{1,4}(?:(?:正しくは|実は|やはり|実際は|訂正すると|答えは)[、,:\s]{0,2}){0,2}"
    r"|正しくは[、,:\s]{0,2}"
)
RIGHT_BEGINS: Final = ("correct", "right", "best", "appropriate")
RIGHT: Final = tuple(f"{word} " for word in RIGHT_BEGINS)
OPTION: Final = ("option", "choice", "letter", "statement", "one")
"""One of each is in whatever `CORRECT` finds: looking for words costs next to nothing."""

HEADED: Final = ("answer", "conclusion", "答", "結論")
"""One of these is in every heading that `HEADING` finds."""

CORRECTING: Final = (
    "wait", "no", "oops", "sorry", "hmm", "actually", "hold on", "scratch that", "on second thought", "my mistake",
    "correction", "let me correct ", "i made a",
)  # fmt: skip
"""How a correction begins."""

CORRECTS: Final = (
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

MARKING_JAPANESE: Final = ("答", "解", "正しい", "適切な", "該当する", "結論")
CORRECTING_JAPANESE: Final = (
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
LEAD: Final = re.compile(r"(?:[\s*_:>]|\\[\[(]|\$\$)*")
DENIED: Final = re.compile(r"(?:not|neither|n't|never|unlikely|wrong|incorrect)\b")
DENIED_JAPANESE: Final = re.compile(r"(?:では|じゃ)(?:ない|ありません)|とは限")
CLAUSE_END: Final = re.compile(r"[。\n]|です|ます")
INSTEAD: Final = re.compile(
    r"\A[^。.\n]{0,40}?(?:では|じゃ)なくて?、?|\Anot [^.\n]{1,40}?(?:,? but|[,;] (?:it's|it is))\s",
    re.IGNORECASE,
)
HEARSAY: Final = re.compile(
    r"\b(?:might|may|could|some|people|many|others?|tempting to) (?:say|think|believe|claim|assume|guess|people|would)\b|\bwrong\b|\bincorrect\b|\bif\b[^.\n]{0,60}$|誤(?:り|っ)|間違|もし|仮に"
)
HEARSAY_SIGNS: Final = (
    "say", "think", "believe", "claim", "assume", "guess", "people", "would", "wrong", "incorrect", "if", "誤", "間違",
    "もし", "仮に",
)  # fmt: skip
"""One of these is in whatever `HEARSAY` finds."""

BEFORE_SIGNS: Final = ("the", "my", "our", "final", "correct", "right", "best")
"""What `BEFORE_ENGLISH` ends with, but for space."""
