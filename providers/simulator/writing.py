"""From what a vendor says to what goes out: token counts, the prompt cache, ``max_tokens``."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from providers.simulator.text import count_tokens, pieces
from providers.simulator.vendors import End, Reply, Spent, Written

if TYPE_CHECKING:
    from providers.simulator.vendors import Ask, Stamp

#: Prefixes remembered a vendor; beyond it the one unused longest is forgotten, as a cache does.
_REMEMBERED = 4096


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
        total = sum(count_tokens(t.text) for t in ask.turns)
        marked = min(count_tokens(ask.marked_prefix), total)
        if marked < ask.cache_floor:
            return Spent(total)
        known = self._know(hash(ask.marked_prefix), marked)
        fresh = total - marked
        return Spent(fresh, cached_input=marked) if known else Spent(fresh, cache_write=marked)

    def _read_any_prefix(self, ask: Ask) -> Spent:
        total, cached, prefix = 0, 0, 0
        for turn in ask.turns:
            total += count_tokens(turn.text)
            prefix = hash((prefix, turn.role, turn.text))
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
    """The reply cut to ``max_tokens``, which thinking spends first, as it does at the vendors."""
    text = pieces(reply.text)
    thinking = reply.thinking_tokens if ask.reasons else 0
    end = End.STOP
    if ask.max_tokens is not None:
        thinking = min(thinking, ask.max_tokens)
        if len(text) > ask.max_tokens - thinking:
            text = text[: ask.max_tokens - thinking]
            end = End.LENGTH
    spent = replace(read, reasoning=thinking, visible=len(text))
    return Written(tuple(text), end, spent, reply.refuses, stamp)


def blank(ask: Ask, end: End, read: Spent, stamp: Stamp) -> Written:
    """A well-formed reply without any text: what an empty or a filtered reply is."""
    spent = replace(read, reasoning=Reply("").thinking_tokens if ask.reasons else 0)
    return Written((), end, spent, refuses=False, stamp=stamp)
