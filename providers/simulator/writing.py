"""From what a vendor says to what goes out: token counts, the prompt cache, ``max_tokens``."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from providers.simulator.text import count_tokens, pieces
from providers.simulator.vendors import Called, End, Reply, Spent, Written
from providers.simulator.wire import dumps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from providers.simulator.vendors import Ask, Stamp, Turn

#: Prefixes remembered a vendor; beyond it the one unused longest is forgotten, as a cache does.
_REMEMBERED = 4096
#: Tokens an image is counted as: OpenAI's figure for a small one (docs/guides/images-vision).
_IMAGE_TOKENS = 85


class PromptCache:
    """Which prompt prefixes a vendor has read before, as its billing of cached input needs it."""

    def __init__(self) -> None:
        self._seen: OrderedDict[int, int] = OrderedDict()

    def clear(self) -> None:
        """Forget everything."""
        self._seen.clear()

    def read(self, ask: Ask) -> Spent:
        """Count the input of ``ask``, and remember it."""
        if ask.marked_prefix is None:
            return self._read_any_prefix(ask)
        total = _offered(ask) + sum(_tokens(t) for t in ask.turns)
        marked = min(count_tokens(ask.marked_prefix), total)
        if marked < ask.cache_floor:
            return Spent(total)
        known = self._know(hash(ask.marked_prefix), marked)
        fresh = total - marked
        return Spent(fresh, cached_input=marked) if known else Spent(fresh, cache_write=marked)

    def _read_any_prefix(self, ask: Ask) -> Spent:
        total, cached, prefix = _offered(ask), 0, 0
        for turn in ask.turns:
            total += _tokens(turn)
            prefix = hash((prefix, turn.role, turn.text, turn.images))
            if total >= ask.cache_floor and self._know(prefix, total):
                cached = total - total % ask.cache_step
        return Spent(total - cached, cached_input=cached)

    def _know(self, prefix: int, tokens: int) -> bool:
        known = prefix in self._seen
        self._seen[prefix] = tokens
        self._seen.move_to_end(prefix)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return known


def write(ask: Ask, reply: Reply, read: Spent, stamp: Stamp) -> Written:
    """The reply cut at a stop sequence and to ``max_tokens``, which thinking spends first.

    So it is at the vendors. Thinking lasts as long as the caller's effort says.
    """
    said, stopped_by = _until(reply.text, ask.stop)
    text = pieces(said)
    thinking = round(reply.thinking_tokens * ask.effort) if ask.reasons else 0
    calls = reply.calls
    end = End.CALLS if calls else End.STOP
    tokens = len(text) + sum(_call_tokens(call) for call in calls)
    if ask.max_tokens is not None:
        thinking = min(thinking, ask.max_tokens)
        left = ask.max_tokens - thinking
        if tokens > left:
            end, tokens, stopped_by = End.LENGTH, left, None
            text = text[:left]
            calls = _within(calls, left - len(text))
    spent = replace(read, reasoning=thinking, visible=tokens)
    return Written(tuple(text), end, spent, reply.refuses, stamp, calls, stopped_by)


def halved(written: Written) -> Written:
    """The first half of a reply's text, ended at a limit of tokens."""
    text = written.pieces[: len(written.pieces) // 2]
    spent = replace(written.spent, visible=len(text))
    return replace(written, pieces=text, end=End.LENGTH, spent=spent, calls=(), stopped_by=None)


def blank(ask: Ask, end: End, read: Spent, stamp: Stamp) -> Written:
    """A well-formed reply without any text: what an empty or a filtered reply is."""
    spent = replace(read, reasoning=Reply("").thinking_tokens if ask.reasons else 0)
    return Written((), end, spent, refuses=False, stamp=stamp)


def _until(text: str, stops: Sequence[str]) -> tuple[str, str | None]:
    """``text`` up to the first of the stop sequences, and which one that is."""
    found = [(at, stop) for stop in stops if stop and (at := text.find(stop)) >= 0]
    if not found:
        return text, None
    at, stop = min(found)
    return text[:at], stop


def _tokens(turn: Turn) -> int:
    return count_tokens(turn.text) + _IMAGE_TOKENS * turn.images


def _offered(ask: Ask) -> int:
    """Tokens of the tools: every vendor reads and bills them as input."""
    return sum(
        count_tokens(f"{tool.name} {tool.description} {dumps(tool.schema).decode()}")
        for tool in ask.tools
    )


def _call_tokens(call: Called) -> int:
    return count_tokens(call.name) + count_tokens(call.arguments)


def _within(calls: Sequence[Called], tokens: int) -> tuple[Called, ...]:
    """The calls that fit into so many tokens, the last of them cut in its arguments."""
    kept: list[Called] = []
    for call in calls:
        if _call_tokens(call) <= tokens:
            kept.append(call)
            tokens -= _call_tokens(call)
            continue
        left = tokens - count_tokens(call.name)
        if left >= 0:
            kept.append(replace(call, arguments="".join(pieces(call.arguments)[:left])))
        break
    return tuple(kept)
