"""Reads server-sent events the plain way, for tests that look at each event."""

import json


def data_of(text):
    """The JSON of each event, in order; ``[DONE]`` stays a string."""
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


def text_of(vendor, events):
    """The text of a stream's events."""
    if vendor == "gpt":
        deltas = [c["delta"] for e in events if e != "[DONE]" for c in e["choices"]]
        return "".join(d.get("content") or d.get("refusal") or "" for d in deltas)
    if vendor == "claude":
        return "".join(
            e["delta"].get("text", "") for e in events if e["type"] == "content_block_delta"
        )
    parts = [p for e in events for p in e["candidates"][0].get("content", {}).get("parts", [])]
    return "".join(p["text"] for p in parts if not p.get("thought"))


def is_whole(vendor, events):
    """Whether the stream has its protocol's end marker."""
    if vendor == "gpt":
        return bool(events) and events[-1] == "[DONE]"
    if vendor == "claude":
        return bool(events) and events[-1]["type"] == "message_stop"
    return bool(events) and "finishReason" in events[-1]["candidates"][0]
