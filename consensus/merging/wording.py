"""Words that state nothing by themselves: they open a sentence, lead over, or speak of the contest."""

from __future__ import annotations

import re

from consensus.statements import content_words, statements

_GENERIC_EN = """
additionally advice answer answers approach aspect briefly case cases claim claims clear clearly
combined come comes conclude conclusion consequently consider considered consideration detail details
essentially example examples explain explained explanation fact factor factors finally first
following follows form furthermore general generally given hand hence however important importantly
include includes including indeed instance keep key likewise list main mainly meanwhile mention
moreover namely nevertheless nonetheless note notably number overall part particular particularly point
points possible primarily reach reason reasons related remember result resulting results second
several short shortly shown similarly simply simple specific specifically step steps stated sum
summarize summary take taken together term terms therefore thing things third thus ultimately use used
useful various view way ways whole word words work make makes making equal equals total totals give gives
altogether
"""
_GENERIC_JA = """
以下 理由 場合 主 次 点 例 一般 一般的 結論 要約 回答 具体 体的 具体的 的 述 考 示 挙 言 見 上記 要点
以上 結果 方 方法 重要 最後 最初 第一 第二 第三 通 同様 関連 説明 内容 特 際 中 全体 質問 答 統合
"""
GENERIC = content_words(statements(_GENERIC_EN)) | content_words(statements(_GENERIC_JA))
"""Words, as `consensus.statements` cuts them, that are no news in a merged text."""

_OPENINGS = """
a about above according after against all also although among an and another any are as at because
before below best between both but by can compared conclusion consequently consider depending despite
do does during each either even every few final first for from further furthermore generally given has
have he hence her here his how however i if in indeed instead is it its just key last less let like
likewise main many meanwhile more moreover most much my namely neither never nevertheless next no none
nonetheless nor not nothing now of often on once one only or other others otherwise our out over overall
part people please rather regarding result same second several she should similarly since so some
sometimes still such summary than thanks that the their then there therefore these they third this those
though through thus to together too two under unless unlike until up use using what when where whereas
whether which while who whole whose why will with within without yes yet you your
views opinions sources accounts answers experts
"""
OPENINGS = frozenset(_OPENINGS.split())
"""Words that open sentences in any text: capitalised there, they are no names."""

_COMMON_KATAKANA = """
ポイント メリット デメリット ケース タイプ ステップ パターン リスト テーマ プラス マイナス レベル グループ
バランス イメージ コメント ルール トータル ベース メイン
"""
COMMON_KATAKANA = frozenset(_COMMON_KATAKANA.split())
"""Words in katakana that a summary may bring along: they name nobody and nothing."""

CONTEST = re.compile(
    r"\b(?:contested|disputed|debated|disagree\w*|(?:opinions?|answers?|sources|accounts|views) (?:differ|vary|are divided)|"
    r"(?:some|other|another|one) (?:answers?|sources?|accounts?|models?|views?)\b|"
    r"(?:some|others) (?:say|claim|argue|hold|state|maintain|put)|according to (?:some|one|another|others))\b|"
    r"見解が(?:分かれ|異な)|意見が(?:分かれ|異な)|諸説|異論|一説|争いがあ|"
    r"とする(?:回答|説|見解|意見)|という(?:回答|説|見解|意見|指摘)も?あ|異なる(?:回答|説|見解|意見)",
    re.IGNORECASE,
)
"""How a sentence tells that a matter is contested."""
