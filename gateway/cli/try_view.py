"""What `wallbounce try` says below the wire view: the reply, its tokens, cost and times."""

from __future__ import annotations

import statistics
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gateway.cli.try_advice import ADVICE
from gateway.cli.try_trace import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gateway.cli.try_calls import Call, Tried
    from gateway.cli.try_secrets import Secrets
    from providers.messages import Completion

MILLION = 1e6


def call_lines(tried: Tried, secrets: Secrets) -> Iterator[str]:
    """The outcome of one call."""
    call = tried.call
    if call.error is not None:
        yield f"failed: {call.error.code}: {plain(secrets.hide(call.error.message))}"
        if advice := ADVICE.get(call.error.code):
            yield f"→ {advice}"
        if call.error.partial is not None:
            yield "what it said so far:"
            yield from _reply(call.error.partial, secrets)
    if call.completion is not None:
        yield from _reply(call.completion, secrets)
    yield from _cost(tried)
    yield f"times: {' · '.join(f'{name} {ms:.1f} ms' for name, ms in times(call).items())}"


def _reply(completion: Completion, secrets: Secrets) -> Iterator[str]:
    def shown(text: str) -> str:
        return plain(secrets.hide(text))

    yield from (f"  {line}" for line in shown(completion.text).split("\n"))
    yield f"finish: {completion.finish_reason} · model {shown(completion.model)}"
    for asked in completion.tool_calls:
        yield f"tool call: {shown(asked.name)}({shown(asked.arguments)}) · id {shown(asked.id)}"
    yield from (f"adjusted: {words}" for words in completion.adjusted)


def _cost(tried: Tried) -> Iterator[str]:
    call, card = tried.call, tried.card
    usage = call.usage
    if not (usage.input_tokens or usage.output_tokens):
        return
    listed = " · ".join(
        f"{name} {word}"
        for name, word in (("tier", usage.service_tier), ("region", usage.region))
        if word
    )
    yield f"tokens: {usage.input_tokens} in, {usage.output_tokens} out{listed and f' · {listed}'}"
    parts = card.parts(usage, call.at)
    for part in parts:
        rate = f"{part.rate * MILLION:g} USD a million"
        yield f"  {part.name:<20}{part.tokens:>9} × {rate:<24}= {part.usd:.8f} USD"
    cost = card.cost_usd(usage, call.at)
    if cost is None:
        yield f"cost: unknown: {card.unknown_because(usage, call.at)}"
        return
    tariff = card.tariff(call.at)
    yield f"cost: {cost:.8f} USD by {tariff.source if tariff else ''}, {_day(call.at)}"


def times(call: Call) -> dict[str, float]:
    """The latencies that are known, in ms, in their order."""
    last = call.attempts[-1] if call.attempts else None
    known = {
        "connect": None if last is None or last.reused else last.connect_ms,
        "first byte": None if last is None else last.first_byte_ms,
        "first token": call.first_token_ms,
        "total": call.total_ms,
    }
    return {name: ms for name, ms in known.items() if ms is not None}


def summary_lines(all_tried: Sequence[Tried]) -> Iterator[str]:
    """What several calls amount to."""
    failed = sum(tried.call.error is not None for tried in all_tried)
    yield f"{len(all_tried)} calls, {failed} failed"
    for name in ("connect", "first byte", "first token", "total"):
        seen = [ms for tried in all_tried if (ms := times(tried.call).get(name)) is not None]
        if seen:
            low, middle, high = min(seen), statistics.median(seen), max(seen)
            yield f"  {name:<12}{low:>10.1f} {middle:>10.1f} {high:>10.1f} ms (least, median, most)"
    costs = [tried.card.cost_usd(tried.call.usage, tried.call.at) for tried in all_tried]
    total = sum(cost for cost in costs if cost is not None)
    unknown = costs.count(None)
    yield f"cost: {total:.8f} USD{f', and {unknown} of unknown cost' if unknown else ''}"


def call_json(tried: Tried, secrets: Secrets) -> dict[str, Any]:
    """One call as JSON."""
    call, card = tried.call, tried.card
    usage, tariff = call.usage, card.tariff(call.at)
    replied = call.completion or (call.error and call.error.partial)
    return {
        "attempts": [
            {name: getattr(attempt, name) for name in attempt.__slots__}
            for attempt in call.attempts
        ],
        "reply": replied and _reply_json(replied, secrets),
        "error": call.error
        and {
            "code": call.error.code,
            "message": secrets.hide(call.error.message),
            "retryable": call.error.retryable,
            "advice": ADVICE.get(call.error.code),
        },
        "usage": {name: getattr(usage, name) for name in usage.__slots__},
        "cost_usd": card.cost_usd(usage, call.at),
        "cost_unknown_because": card.unknown_because(usage, call.at),
        "cost_parts": [
            {
                "name": part.name,
                "tokens": part.tokens,
                "usd_per_million": round(part.rate * MILLION, 9),
                "usd": part.usd,
            }
            for part in card.parts(usage, call.at)
        ],
        "price_source": tariff and tariff.source,
        "priced_on": _day(call.at),
        "times_ms": {name.replace(" ", "_"): round(ms, 3) for name, ms in times(call).items()},
    }


def _reply_json(completion: Completion, secrets: Secrets) -> dict[str, Any]:
    return {
        "text": secrets.hide(completion.text),
        "model": secrets.hide(completion.model),
        "finish_reason": str(completion.finish_reason),
        "tool_calls": [
            {name: secrets.hide(getattr(asked, name)) for name in ("id", "name", "arguments")}
            for asked in completion.tool_calls
        ],
        "adjusted": list(completion.adjusted),
    }


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
