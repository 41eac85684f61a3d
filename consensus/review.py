"""The remark a challenged model begins its reply with, and the answer that follows it.

A reply goes to the caller verbatim, in the form the question asks for, so a model has no room there to
say what made it change its mind. It is given that room in front, between tags of its own
(`consensus.prompts.challenge`), and the remark is taken off here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_REVIEW_CHARS = 600
"""Characters of a remark that are kept; two sentences were asked for."""


class Reviewed(NamedTuple):
    """A reply in its two parts; ``review`` is None where the model made no remark."""

    review: str | None
    answer: str


def split_review(reply: str, tag: str) -> Reviewed:
    """Take the remark off a reply.

    A model that leaves the remark out, or leaves it open, has simply answered; one that puts all it
    says between the tags has answered there. Whatever it does, no tag of ours reaches the caller, and
    an answer is never empty where the reply was not.

    Args:
        reply: What the model wrote.
        tag: The name of the tags asked for.
    """
    if tag not in reply:
        return Reviewed(None, reply)
    opening, closing = f"<{tag}>", f"</{tag}>"
    begin = reply.find(opening)
    end = reply.find(closing, begin + len(opening)) if begin >= 0 else -1
    if end < 0:
        return Reviewed(None, _without_tags(reply, tag) or reply)
    review = _without_tags(reply[begin + len(opening) : end], tag)
    answer = _without_tags(reply[:begin] + reply[end + len(closing) :], tag)
    if not answer:
        return Reviewed(None, review or reply)
    return Reviewed(review[:MAX_REVIEW_CHARS] or None, answer)


def _without_tags(text: str, tag: str) -> str:
    """The text without stray tags, and without the fence of a code block left empty by them."""
    return re.sub(rf"</?{re.escape(tag)}>", "", text).strip()
