"""The three vendors' manners: how each opens a reply in a later round, merges, computes, improvises."""

from __future__ import annotations

from providers.simulator.vendors import Vendor

# Each list holds interchangeable forms; the seed picks one, so that a run can be repeated exactly.
_HOLDS: dict[tuple[Vendor, str], tuple[str, ...]] = {
    (Vendor.GPT, "en"): (
        "I checked my work against the other answers and I still stand by mine.",
        "I have gone through the other replies, and my conclusion does not change.",
    ),
    (Vendor.CLAUDE, "en"): (
        "I've read the other responses carefully, and I don't find them convincing.",
        "Having considered the other views, I'd keep my original answer.",
    ),
    (Vendor.GEMINI, "en"): (
        "After reviewing the other responses, my assessment remains the same.",
        "The other answers do not lead me to revise my response.",
    ),
    (Vendor.GPT, "ja"): (
        "ほかの回答と照らし合わせましたが、私の結論は変わりません。",
        "ほかの回答を確認しましたが、自分の答えを維持します。",
    ),
    (Vendor.CLAUDE, "ja"): (
        "ほかの回答も丁寧に読みましたが、納得できる根拠は見当たりませんでした。",
        "ほかの意見も考慮したうえで、最初の答えのままとします。",
    ),
    (Vendor.GEMINI, "ja"): (
        "ほかの回答を検討した結果、私の見解に変更はありません。",
        "再検討しましたが、当初の回答を保持します。",
    ),
}
_AGREES: dict[tuple[Vendor, str], tuple[str, ...]] = {
    (Vendor.GPT, "en"): ("The other answers match mine.", "We all reach the same result."),
    (Vendor.CLAUDE, "en"): (
        "I agree with the others here.",
        "The others and I see this the same way.",
    ),
    (Vendor.GEMINI, "en"): ("The responses are consistent with my own.", "All responses concur."),
    (Vendor.GPT, "ja"): ("ほかの回答も私と同じです。", "全員が同じ結果になりました。"),
    (Vendor.CLAUDE, "ja"): ("ほかの方々の意見に賛成です。", "ほかの回答と考えは同じです。"),
    (Vendor.GEMINI, "ja"): ("ほかの回答と一致しています。", "すべての回答が一致しました。"),
}
_CHANGES: dict[tuple[Vendor, str], tuple[str, ...]] = {
    (Vendor.GPT, "en"): (
        "I made a mistake in my first reply, and the other answers show it.",
        "Looking at the other answers again, I change my mind.",
    ),
    (Vendor.CLAUDE, "en"): (
        "You've persuaded me; on reflection I'd revise what I said.",
        "Reading the other responses, I think I got this wrong at first.",
    ),
    (Vendor.GEMINI, "en"): (
        "Upon reconsideration, I am updating my response.",
        "The other responses are right, and I correct mine.",
    ),
    (Vendor.GPT, "ja"): (
        "最初の回答に誤りがありました。ほかの回答を見て考えを改めます。",
        "ほかの回答を読み直し、意見を変えます。",
    ),
    (Vendor.CLAUDE, "ja"): (
        "ほかの回答を読んで納得しましたので、考えを改めます。",
        "振り返ってみると、最初の私の答えは間違っていたようです。",
    ),
    (Vendor.GEMINI, "ja"): (
        "再検討の結果、回答を更新します。",
        "ほかの回答が正しいため、訂正します。",
    ),
}
_MERGES: dict[tuple[Vendor, str], str] = {
    (Vendor.GPT, "en"): "Taking the answers together:",
    (Vendor.CLAUDE, "en"): "Here is what the answers come to when they are read side by side.",
    (Vendor.GEMINI, "en"): "Synthesis of the responses:",
    (Vendor.GPT, "ja"): "回答をまとめると、次のとおりです。",
    (Vendor.CLAUDE, "ja"): "それぞれの回答を読み比べた結論です。",
    (Vendor.GEMINI, "ja"): "回答の統合結果:",
}
_OUTVOTED = {
    "en": "Of the {total} answers shown, {count} support this; the rest differ.",
    "ja": "示された{total}件の回答のうち{count}件がこれを支持し、残りは異なります。",
}
_COMPUTES: dict[tuple[Vendor, str], str] = {
    (Vendor.GPT, "en"): "{expression} = **{value}**",
    (Vendor.CLAUDE, "en"): "Working this out step by step, {expression} comes to {value}.",
    (Vendor.GEMINI, "en"): "The result of {expression} is {value}.",
    (Vendor.GPT, "ja"): "{expression} = **{value}** です。",
    (Vendor.CLAUDE, "ja"): "順に計算すると、{expression} は {value} になります。",
    (Vendor.GEMINI, "ja"): "{expression} の計算結果は {value} です。",
}
# The remark of a reply that has nothing to remark.
NOTHING_NEW = {"en": "None.", "ja": "なし。"}
# Marks an improvised reply: honest towards its reader, and known again in a later round.
REHEARSAL = {
    "en": "(Rehearsal reply of a simulated model.)",
    "ja": "(模擬モデルによる練習用の回答です。)",
}
_IMPROVISES: dict[tuple[Vendor, str], str] = {
    (
        Vendor.GPT,
        "en",
    ): "On “{topic}”: there is no single rule that fits every case. Start by writing down the goal and the limits you cannot move. Then compare two or three realistic options against them, with rough numbers instead of impressions. Try the best one at a small scale, measure it, and only then commit to it.",
    (
        Vendor.CLAUDE,
        "en",
    ): "Thinking about “{topic}”, I'd say that it depends on what matters most to you. It helps to be clear about your aim and your constraints first; after that, weigh a few practical alternatives against each other. A small trial usually teaches more than a long debate, so test before you decide for good.",
    (
        Vendor.GEMINI,
        "en",
    ): "Regarding “{topic}”, a structured approach is recommended: 1. Define the objective and the constraints. 2. List several feasible alternatives and evaluate them. 3. Run a limited pilot and check its results. 4. Decide on the basis of what was measured. The right choice depends on the circumstances.",
    (
        Vendor.GPT,
        "ja",
    ): "「{topic}」については、どの場合にも当てはまる一つの正解はありません。まず目的と動かせない制約を書き出し、現実的な案を二つか三つ、印象ではなくおおよその数字で比べます。最も良い案を小さく試して測り、そのうえで決めるのがよいでしょう。",
    (
        Vendor.CLAUDE,
        "ja",
    ): "「{topic}」を考えるうえでは、何を一番大切にするかによって答えが変わります。はじめにねらいと条件をはっきりさせ、それから実際に選べる案をいくつか比べてみてください。長く議論するより小さな試行のほうが多くを教えてくれるので、決める前に試すことをお勧めします。",
    (
        Vendor.GEMINI,
        "ja",
    ): "「{topic}」に関しては、段階的な進め方を推奨します。1. 目的と制約を定義する。2. 実行可能な案を複数挙げて評価する。3. 限定的に試行し結果を確認する。4. 測定結果に基づいて決定する。適切な選択は状況によって異なります。",
}


def hold(vendor: Vendor, language: str, pick: int) -> str:
    """Opens a reply that keeps to its answer against others."""
    return _one(_HOLDS[vendor, language], pick)


def agree(vendor: Vendor, language: str, pick: int) -> str:
    """Opens a reply when all that was shown says the same."""
    return _one(_AGREES[vendor, language], pick)


def change(vendor: Vendor, language: str, pick: int) -> str:
    """Opens a reply that gives up its first answer."""
    return _one(_CHANGES[vendor, language], pick)


def merge(vendor: Vendor, language: str, states: str, count: int, total: int) -> str:
    """A merged answer: the one stated, and how many of those shown support it."""
    parts = [_MERGES[vendor, language], states]
    if count < total:
        parts.append(_OUTVOTED[language].format(count=count, total=total))
    return _join(parts, language)


def compute(vendor: Vendor, language: str, expression: str, value: str) -> str:
    """The result of a calculation in the vendor's words."""
    return _COMPUTES[vendor, language].format(expression=expression, value=value)


def improvise(vendor: Vendor, language: str, topic: str) -> str:
    """A plausible reply about something nobody taught the vendor; it says that it is a rehearsal."""
    return _join([_IMPROVISES[vendor, language].format(topic=topic), REHEARSAL[language]], language)


def open_with(opening: str, text: str, language: str) -> str:
    """An opening sentence before a text."""
    return _join([opening, text], language)


def _one(forms: tuple[str, ...], pick: int) -> str:
    return forms[pick % len(forms)]


def _join(parts: list[str], language: str) -> str:
    block = any(p.lstrip().startswith(("```", "{", "[")) for p in parts)
    return ("\n\n" if block else "" if language == "ja" else " ").join(parts)
