"""A light mock of the three vendors for benchmarks: answers at once, over their wire protocols.

A prompt that says ``add A and B`` is answered with the sum in about 500 characters, which each
vendor words in its own way, so that a consensus has texts to compare and an answer to find. The
numbers come from the prompt: no two requests get the same text, and no cache makes scoring cheap.
Where A ends in 3 the third vendor is off by one, so that one request in ten is contested.

Apart from `providers.simulator`, which is rich where this is fast.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import click
from aiohttp import web

from bench.mock_streams import anthropic_frames, gemini_frames, openai_frames

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_SUM = re.compile(r"add (\d+) and (\d+)")
_INPUT_TOKENS, _OUTPUT_TOKENS = 40, 130

_OPENAI = (
    "Let me work through the addition of {a} and {b} step by step. Splitting both numbers into "
    "thousands, hundreds, tens and units keeps every carry visible: I start on the right with the "
    "units, note whether they pass nine, hand the carry to the tens, and go on like this until no "
    "digits are left. Checking the result the other way round, subtracting {b} from it gives back "
    "{a}, which is what we started from, so the arithmetic is consistent and nothing was lost on "
    "the way. No rounding is involved, since both are integers.\n\nThe answer is {sum}."
)
_ANTHROPIC = (
    "I'd be happy to help with this sum! The question asks for the total of two whole numbers, {a} "
    "and {b}.\n\n**Working**\n\n1. Write one number beneath the other, aligned at the last digit.\n"
    "2. Add each column from right to left, carrying whenever a column reaches ten.\n3. Read the "
    "bottom line from left to right.\n\nAn estimate is a useful safeguard: rounding both to the "
    "nearest hundred lands close to the exact total, so a slip in the leading digits would have "
    "stood out at once. Everything fits together here.\n\n**Final answer: {sum}**"
)
_GEMINI = (
    "To find the total, combine the two quantities. Addition is commutative, therefore it makes no "
    "difference whether we begin with {a} or with {b}; the larger one first is simply easier to do "
    "in the head. Count on from it by the hundreds of the smaller number, then by its tens, finally "
    "by its ones, and the running total arrives at the result. The parity agrees as well: odd plus "
    "odd or even plus even must give an even total, and a mixed pair must give an odd one. That is a "
    "quick test which catches many slips.\n\n{a} + {b} = {sum}"
)


def wording(template: str, prompt: str, *, off_by_one: bool = False) -> str:
    """A vendor's words for the sum that ``prompt`` asks for."""
    found = _SUM.search(prompt)
    a, b = (int(found[1]), int(found[2])) if found else (2, 2)
    slip = 1 if off_by_one and a % 10 == 3 else 0
    return template.format(a=a, b=b, sum=a + b + slip)


def _openai_chat(body: dict[str, Any], raw: str) -> dict[str, Any]:
    return _chat(body, wording(_OPENAI, raw))


def _gemini_as_openai(body: dict[str, Any], raw: str) -> dict[str, Any]:
    """Gemini's words over Google's OpenAI-compatible address (ai.google.dev/gemini-api/docs/openai)."""
    return _chat(body, wording(_GEMINI, raw, off_by_one=True))


def _chat(body: dict[str, Any], text: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": body.get("model", "gpt-5"),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": None},
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": _INPUT_TOKENS,
            "completion_tokens": _OUTPUT_TOKENS,
            "total_tokens": _INPUT_TOKENS + _OUTPUT_TOKENS,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        },
    }


def _openai_response(body: dict[str, Any], raw: str) -> dict[str, Any]:
    text = {"type": "output_text", "text": wording(_OPENAI, raw), "annotations": []}
    return {
        "id": "resp_bench",
        "object": "response",
        "created_at": 1_700_000_000,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": body.get("model", "gpt-5"),
        "output": [
            {
                "type": "message",
                "id": "msg_bench",
                "status": "completed",
                "role": "assistant",
                "content": [text],
            }
        ],
        "usage": {
            "input_tokens": _INPUT_TOKENS,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": _OUTPUT_TOKENS,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": _INPUT_TOKENS + _OUTPUT_TOKENS,
        },
    }


def _anthropic(body: dict[str, Any], raw: str) -> dict[str, Any]:
    return {
        "id": "msg_bench",
        "type": "message",
        "role": "assistant",
        "model": body.get("model", "claude"),
        "content": [{"type": "text", "text": wording(_ANTHROPIC, raw)}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": _INPUT_TOKENS,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": _OUTPUT_TOKENS,
        },
    }


def _gemini(_body: dict[str, Any], raw: str) -> dict[str, Any]:
    content = {"role": "model", "parts": [{"text": wording(_GEMINI, raw, off_by_one=True)}]}
    return {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": _INPUT_TOKENS,
            "candidatesTokenCount": _OUTPUT_TOKENS,
            "totalTokenCount": _INPUT_TOKENS + _OUTPUT_TOKENS,
        },
        "modelVersion": "gemini-2.5-pro",
        "responseId": "bench",
    }


@dataclass(frozen=True, slots=True)
class Wire:
    """One address of a vendor: its whole reply to a body, and the same reply as a stream's frames."""

    vendor: str
    path: str
    reply: Callable[[dict[str, Any], str], dict[str, Any]]
    frames: Callable[[dict[str, Any]], list[bytes]] | None = None


WIRES = (
    Wire("gpt", "/v1/chat/completions", _openai_chat, openai_frames),
    Wire("gpt", "/v1/responses", _openai_response),
    Wire("claude", "/v1/messages", _anthropic, anthropic_frames),
    Wire("gemini", r"/{version:v1|v1beta}/models/{model}:{method}", _gemini, gemini_frames),
    Wire("gemini", "/v1beta/openai/chat/completions", _gemini_as_openai, openai_frames),
)


def asks_for_stream(request: web.Request, body: dict[str, Any]) -> bool:
    """Two vendors say it in the body, Google in the path."""
    return bool(body.get("stream")) or request.match_info.get("method") == "streamGenerateContent"


def _answering(wire: Wire) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        raw = await request.text()
        body = json.loads(raw)
        reply = wire.reply(body, raw)
        if not asks_for_stream(request, body):
            return web.json_response(reply)
        if wire.frames is None:
            message = "the bench mock does not stream here"
            return web.json_response({"error": {"message": message}}, status=400)
        stream = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await stream.prepare(request)
        for frame in wire.frames(reply):
            await stream.write(frame)
        return stream

    return handle


def application(answering: Callable[[Wire], Handler] = _answering) -> web.Application:
    """The three vendors under one address, each at its own protocol's path."""
    app = web.Application()
    for wire in WIRES:
        app.router.add_post(wire.path, answering(wire))
    return app


@click.command()
@click.option("--port", type=int, required=True)
def main(port: int) -> None:
    """Serve the mock vendors on 127.0.0.1 until a signal ends it."""
    web.run_app(application(), host="127.0.0.1", port=port, print=None, access_log=None)
    sys.exit(0)


if __name__ == "__main__":
    main()
