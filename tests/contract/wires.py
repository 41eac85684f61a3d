"""The vendors' wire formats as tests write them: by hand, from the vendors' documentation."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import httpx
from pydantic import SecretStr

from providers.anthropic import Anthropic
from providers.any_model import AnyModel
from providers.gemini import Gemini
from providers.messages import Usage
from providers.openai import OpenAI
from providers.provider import Provider

KEY = SecretStr("sk-test-0123456789abcdefghijklmnop")
TOKENS = Usage(
    input_tokens=100,
    cached_input_tokens=30,
    cache_write_tokens=0,
    output_tokens=50,
    reasoning_tokens=20,
)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _event(value: object) -> bytes:
    return b"data: " + _json(value) + b"\n\n"


class Wire(Protocol):
    """How one vendor says things. ``finish`` is one of stop, length, filter."""

    def whole(self, text: str, finish: str = "stop") -> bytes: ...
    def opening(self, *texts: str) -> tuple[bytes, ...]: ...
    def closing(self, finish: str = "stop") -> tuple[bytes, ...]: ...
    def error(self, message: str) -> bytes: ...
    def stream_error(self, message: str) -> bytes: ...


class OpenAIWire:
    finishes: ClassVar = {"stop": "stop", "length": "length", "filter": "content_filter"}
    usage: ClassVar = {
        "prompt_tokens": 100,
        "prompt_tokens_details": {"cached_tokens": 30},
        "completion_tokens": 50,
        "completion_tokens_details": {"reasoning_tokens": 20},
        "total_tokens": 150,
    }

    def whole(self, text, finish="stop"):
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": self.finishes[finish]}
        return _json(self._head("chat.completion") | {"choices": [choice], "usage": self.usage})

    def opening(self, *texts):
        return tuple(self._chunk({"role": "assistant", "content": text}) for text in texts)

    def closing(self, finish="stop"):
        head = self._head("chat.completion.chunk")
        return (
            self._chunk({}, self.finishes[finish]),
            _event(head | {"choices": [], "usage": self.usage}),
            b"data: [DONE]\n\n",
        )

    def error(self, message):
        return _json({"error": {"message": message, "type": "some_error", "code": None}})

    def stream_error(self, message):
        return _event({"error": {"message": message, "type": "server_error", "code": None}})

    def _head(self, kind):
        return {"id": "x", "object": kind, "created": 1, "model": "model-1-dated"}

    def _chunk(self, delta, finish=None):
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _event(self._head("chat.completion.chunk") | {"choices": [choice]})


class AnthropicWire:
    finishes: ClassVar = {"stop": "end_turn", "length": "max_tokens", "filter": "refusal"}
    usage: ClassVar = {
        "input_tokens": 70,
        "cache_read_input_tokens": 30,
        "cache_creation_input_tokens": 0,
        "output_tokens": 50,
        "output_tokens_details": {"thinking_tokens": 20},
    }

    def whole(self, text, finish="stop"):
        said = "" if finish == "filter" else text
        content = [{"type": "thinking", "thinking": "Hm.", "signature": "s"}]
        content += [{"type": "text", "text": said}] if said else []
        return _json(
            self._message()
            | {"content": content, "stop_reason": self.finishes[finish], "usage": self.usage}
        )

    def opening(self, *texts):
        start = self._message() | {"usage": self.usage | {"output_tokens": 1}}
        return (
            self._named("message_start", message=start),
            self._named(
                "content_block_start", index=0, content_block={"type": "thinking", "thinking": ""}
            ),
            self._named(
                "content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "Hm."}
            ),
            self._named("content_block_stop", index=0),
            self._named("content_block_start", index=1, content_block={"type": "text", "text": ""}),
            self._named("ping"),
            *(
                self._named(
                    "content_block_delta", index=1, delta={"type": "text_delta", "text": text}
                )
                for text in texts
            ),
        )

    def closing(self, finish="stop"):
        return (
            self._named("content_block_stop", index=1),
            self._named(
                "message_delta",
                delta={"stop_reason": self.finishes[finish], "stop_sequence": None},
                usage={
                    "output_tokens": 50,
                    "output_tokens_details": {"thinking_tokens": 20},
                },
            ),
            self._named("message_stop"),
        )

    def error(self, message):
        return _json({"type": "error", "error": {"type": "some_error", "message": message}})

    def stream_error(self, message):
        return self._named("error", error={"type": "api_error", "message": message})

    def _message(self):
        return {
            "id": "x",
            "type": "message",
            "role": "assistant",
            "model": "model-1-dated",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
        }

    def _named(self, kind, **fields):
        return b"event: " + kind.encode() + b"\n" + _event({"type": kind} | fields)


class GeminiWire:
    finishes: ClassVar = {"stop": "STOP", "length": "MAX_TOKENS", "filter": "SAFETY"}
    usage: ClassVar = {
        "promptTokenCount": 100,
        "cachedContentTokenCount": 30,
        "candidatesTokenCount": 30,
        "thoughtsTokenCount": 20,
        "totalTokenCount": 150,
    }

    def whole(self, text, finish="stop"):
        parts = [{"text": "Hm.", "thought": True}, {"text": text}]
        return _json(self._response(parts, self.finishes[finish]))

    def opening(self, *texts):
        return (
            self._piece([{"text": "Hm.", "thought": True}]),
            *(self._piece([{"text": text}]) for text in texts),
        )

    def closing(self, finish="stop"):
        return (self._piece([{"text": ""}], self.finishes[finish]),)

    def error(self, message):
        return _json({"error": {"code": 418, "message": message, "status": "SOME_STATUS"}})

    def stream_error(self, message):
        return _event({"error": {"code": 500, "message": message, "status": "INTERNAL"}})

    def _response(self, parts, finish=None):
        candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
        if finish:
            candidate["finishReason"] = finish
        response: dict[str, Any] = {"candidates": [candidate], "modelVersion": "model-1-dated"}
        if finish:
            response["usageMetadata"] = self.usage
        return response

    def _piece(self, parts, finish=None):
        return _event(self._response(parts, finish)).replace(b"\n", b"\r\n")


@dataclass(frozen=True)
class Vendor:
    """An adapter under test, with the wire it speaks."""

    id: str
    wire: Wire
    build: Callable[[httpx.AsyncClient, str, SecretStr | None], Provider]


def _openai(client, url, key):
    return OpenAI(name="p", model="model-1", client=client, base_url=f"{url}/v1", api_key=key)


def _anthropic(client, url, key):
    return Anthropic(name="p", model="model-1", client=client, base_url=url, api_key=key)


def _gemini(client, url, key):
    return Gemini(name="p", model="model-1", client=client, base_url=url, api_key=key)


def _any_model(client, url, key):
    return AnyModel(name="p", vendor="mistral", model="model-1", base_url=f"{url}/v1", api_key=key)


WIRED = (
    Vendor("openai", OpenAIWire(), _openai),
    Vendor("anthropic", AnthropicWire(), _anthropic),
    Vendor("gemini", GeminiWire(), _gemini),
)
"""The three adapters that speak their vendor's wire themselves."""

VENDORS = (*WIRED, Vendor("any_model", OpenAIWire(), _any_model))
"""All four adapters; LiteLLM is shown a vendor that speaks as OpenAI does."""
