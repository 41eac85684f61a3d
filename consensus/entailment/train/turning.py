"""Japanese pairs made by turning a sentence's ending: plain for polite agrees, negated conflicts."""

from __future__ import annotations

from typing import Final

ENDINGS: Final = (
    ("ています", "ている", "ていません"),
    ("います", "いる", "いません"),
    ("あります", "ある", "ありません"),
    ("できます", "できる", "できません"),
    ("します", "する", "しません"),
    ("です", "だ", "ではありません"),
)
"""Polite, plain, negated; the first that fits counts. Crude: some verbs get a form that nobody says
(笑います, 笑いる), which still shares their stem and takes no grammar to compare."""


def turned(sentence: str) -> tuple[str, str] | None:
    """Write ``sentence`` plainly, and negate it; None where its ending is none of these."""
    body = sentence.rstrip("。")
    stop = sentence[len(body) :]
    for polite, plain, negated in ENDINGS:
        if body.endswith(polite):
            stem = body.removesuffix(polite)
            return f"{stem}{plain}{stop}", f"{stem}{negated}{stop}"
    return None
