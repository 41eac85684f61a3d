"""Every other vendor and model, through LiteLLM: the one door to its SDK.

Importing litellm takes seconds, so it is done at the first call, in a thread.
"""

from __future__ import annotations

import asyncio
import logging
import os
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from providers.any_failures import translate_errors
from providers.any_wishes import asked_of, without_nudges
from providers.errors import (
    ConnectionLostError,
    CutReplyError,
)
from providers.limits import max_tokens_for
from providers.messages import TextDelta
from providers.openai import turns
from providers.openai.calls import StreamedCalls, calls_of, ending
from providers.openai.wishes import SAY_JSON
from providers.replies import conclude
from providers.shapes import maybe_object, maybe_text, well_formed
from providers.usage.litellm import usage_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection
    from types import ModuleType

    from pydantic import SecretStr

    from providers.catalog import ModelCard
    from providers.messages import Completion, Piece, Prompt
    from providers.openai.wishes import Asked
    from providers.provider import Deadline


_log = logging.getLogger(__name__)

BROKEN_OFF = frozenset({
    "error", "ERROR", "abort", "network_error", "insufficient_system_resource", "pause_turn",
    "model_length", "MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE",
})  # fmt: skip
"""Vendors' words for a reply without its end that LiteLLM calls "stop" (its ``map_finish_reason``), and of
a stream tells nothing else. Its table is changed: a broken reply must not pass for a whole one."""

_NO_END = "finish_reason_unspecified"
"""What it is told to call them: a word that its types allow, and that means no end here."""


class AnyModel:
    """A model of any vendor LiteLLM knows, by LiteLLM's own word for the vendor.

    Without ``api_key`` LiteLLM looks for the vendor's usual environment variable, and without
    ``base_url`` it asks the vendor's own address. LiteLLM's refusals of some vendors come as
    filtered replies, and the tokens of a stream that reports none are its estimate. A prompt's
    ``max_tokens`` is lowered to what the card says the model can write. Its other wishes go by what
    LiteLLM knows of the model (`providers.any_wishes`).
    """

    def __init__(  # noqa: PLR0913 - the parts of one endpoint, all of them named by the caller
        self,
        *,
        name: str,
        vendor: str,
        model: str,
        base_url: str | None = None,
        api_key: SecretStr | None = None,
        card: ModelCard | None = None,
    ) -> None:
        self.name = name
        self.vendor = vendor
        self.model = model
        self._base_url = base_url
        self._api_key = api_key
        self._card = card
        prefixed = model.startswith(f"{vendor}/")  # LiteLLM's users write names so
        self._litellm_name = model if prefixed else f"{vendor}/{model}"
        self._known: _Known | None = None

    def __repr__(self) -> str:
        return f"AnyModel(name={self.name!r}, vendor={self.vendor!r}, model={self.model!r})"

    async def complete(
        self,
        prompt: Prompt,
        deadline: Deadline,
        *,
        repeat_billed: bool = True,  # noqa: ARG002 - an adapter never repeats a call
    ) -> Completion:
        """Ask for a whole reply, once (`providers.provider.Provider.complete`)."""
        with self._translate_errors():
            async with asyncio.timeout_at(deadline.at):
                reply, adjusted = await self._ask(prompt, deadline, stream=False)
        with self._translate_errors(), well_formed(self.name):
            choice = reply.choices[0]
            refusal = _refusal(choice.message)
            reason, calls = ending(
                _finish(choice),
                calls_of(_tool_calls(choice.message)),
                refused=bool(refusal),
            )
            completion = conclude(
                self.name,
                text=(choice.message.content or "") + refusal,
                model=maybe_text({"model": reply.model}, "model") or self.model,
                finish_reason=reason,
                usage=usage_of(
                    getattr(reply, "usage", None), getattr(reply, "service_tier", None) or ""
                ),
                tool_calls=calls,
            )
        return replace(completion, adjusted=adjusted)

    async def stream(
        self,
        prompt: Prompt,
        deadline: Deadline,
        *,
        repeat_billed: bool = False,  # noqa: ARG002 - an adapter never repeats a call
    ) -> AsyncGenerator[Piece | Completion, None]:
        """Ask for a reply piece by piece (`providers.provider.Provider.stream`)."""
        with self._translate_errors():
            async with asyncio.timeout_at(deadline.at):
                chunks, adjusted = await self._ask(prompt, deadline, stream=True)
        calls = StreamedCalls()
        texts: list[str] = []
        finish: str | None = None
        refused = False
        usage: object = None
        tier = ""
        try:
            while (chunk := await self._next_chunk(chunks, deadline)) is not None:
                usage = getattr(chunk, "usage", None) or usage
                tier = getattr(chunk, "service_tier", None) or tier
                if not chunk.choices:
                    continue
                choice = chunk.choices[0]
                with self._translate_errors(), well_formed(self.name):
                    finish = choice.finish_reason or finish
                    refusal = _refusal(choice.delta)
                    refused = refused or bool(refusal)
                    text = (choice.delta.content or "") + refusal
                    if choice.delta.tool_calls:
                        calls.take(_tool_calls(choice.delta))
                if text:
                    texts.append(text)
                    yield TextDelta(text)
                for piece in calls.pieces():
                    yield piece
        finally:
            await chunks.aclose()
        # LiteLLM makes a "stop" up where the vendor sent none: ask what it received.
        if not (chunks.received_finish_reason or chunks.intermittent_finish_reason):
            raise CutReplyError(self.name, "the stream ended before the reply did")
        with self._translate_errors(), well_formed(self.name):
            reason, whole = ending(finish or "", calls.calls(), refused=refused)
            completion = conclude(
                self.name,
                text="".join(texts),
                model=chunks.model or self.model,
                finish_reason=reason,
                usage=usage_of(usage, tier),
                tool_calls=whole,
            )
        yield replace(completion, adjusted=adjusted)

    async def _ask(
        self, prompt: Prompt, deadline: Deadline, *, stream: bool
    ) -> tuple[Any, tuple[str, ...]]:
        """LiteLLM's reply, and what it was not asked of the prompt's wishes."""
        litellm = await asyncio.to_thread(load_litellm)
        if self._known is None:
            self._known = _known(litellm, self.vendor, self._litellm_name)
        asked = asked_of(
            self.name, self.model, self._supported(), prompt, images=self._known.images
        )
        while True:
            arguments = self._arguments(prompt, asked, deadline, stream=stream)
            try:
                return await litellm.acompletion(**arguments), asked.adjusted
            except litellm.UnsupportedParamsError:  # nothing was sent
                less = without_nudges(self.model, asked)
                if less is None:
                    raise
                asked = less

    def _supported(self) -> Collection[str] | None:
        known = self._known.words if self._known is not None else None
        if self._card is None or self._card.supports_temperature or known is None:
            return known
        return known - {"temperature", "top_p"}

    def _arguments(
        self, prompt: Prompt, asked: Asked, deadline: Deadline, *, stream: bool
    ) -> dict[str, Any]:
        messages = [turns.turn(message) for message in prompt.messages]
        if asked.say_json:
            messages.insert(0, {"role": "system", "content": SAY_JSON})
        arguments: dict[str, Any] = {
            "model": self._litellm_name,
            "messages": messages,
            "timeout": max(0.001, deadline.remaining(asyncio.get_running_loop().time())),
            "max_retries": 0,
            "num_retries": 0,
            "drop_params": False,  # what is left out is decided here, and told
            # A copy: LiteLLM rewrites schemas in place, and they are the caller's.
            **deepcopy(dict(asked.fields)),
        }
        if prompt.tools:
            # Else LiteLLM looks for tools of MCP servers, with a package that is not installed here.
            arguments["_skip_mcp_handler"] = True
        if self._base_url is not None:
            arguments["api_base"] = self._base_url
        if self._api_key is not None:
            arguments["api_key"] = self._api_key.get_secret_value()
        max_tokens = max_tokens_for(prompt, self._card)
        if max_tokens is not None:
            arguments["max_tokens"] = max_tokens
        if stream:
            arguments |= {"stream": True, "stream_options": {"include_usage": True}}
        return arguments

    async def _next_chunk(self, chunks: Any, deadline: Deadline) -> Any:
        try:
            with self._translate_errors():
                async with asyncio.timeout_at(deadline.at):
                    return await anext(chunks, None)
        except ConnectionLostError:
            raise CutReplyError(self.name, "the stream broke before its end") from None

    def _translate_errors(self) -> Any:
        secret = self._api_key.get_secret_value() if self._api_key else None
        return translate_errors(self.name, secret)


class _Known(NamedTuple):
    """What LiteLLM knows of a model: OpenAI's words it takes, if any are known, and images."""

    words: frozenset[str] | None
    images: bool


def _known(litellm: ModuleType, vendor: str, name: str) -> _Known:
    """Ask LiteLLM's tables; a model that is not in them is taken to take what its vendor takes."""
    model = name.removeprefix(f"{vendor}/")
    words = litellm.get_supported_openai_params(model=model, custom_llm_provider=vendor)
    try:
        info = litellm.get_model_info(model, vendor)
    except Exception:  # noqa: BLE001 - LiteLLM's kinds of "not mapped" are several
        info = {}
    images = info.get("supports_vision") is not False
    return _Known(None if words is None else frozenset(words), images)


def _tool_calls(message: Any) -> dict[str, Any]:
    """The tool calls of LiteLLM's message or delta as the JSON they stand for."""
    return {"tool_calls": [call.model_dump() for call in message.tool_calls or ()]}


@cache
def load_litellm() -> ModuleType:
    """Import litellm, with all it would fetch, report or print turned off."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it fetches its table on import
    import litellm  # noqa: PLC0415 - the import takes seconds

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.disable_streaming_logging = True
    litellm.callbacks = []
    litellm.success_callback = []
    litellm.failure_callback = []
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)  # it logs bodies; errors are raised
    words = getattr(litellm.litellm_core_utils.core_helpers, "_FINISH_REASON_MAP", None)
    if isinstance(words, dict):
        words.update(dict.fromkeys((*BROKEN_OFF, _NO_END), _NO_END))
    else:  # no word of its interface: a later version may lack it
        _log.warning(
            "this LiteLLM's finish reasons are not known: a broken stream may pass for whole"
        )
    module: ModuleType = litellm
    return module


def _finish(choice: Any) -> str:
    """Why a whole reply ended; the vendor's own word where LiteLLM hides a break behind "stop".

    Of a stream LiteLLM keeps its own word alone.
    """
    fields = {"fields": getattr(choice, "provider_specific_fields", None)}
    own = maybe_text(maybe_object(fields, "fields"), "native_finish_reason")
    return own if own in BROKEN_OFF else choice.finish_reason or ""


def _refusal(message: Any) -> str:
    fields = {"fields": getattr(message, "provider_specific_fields", None)}
    return maybe_text(maybe_object(fields, "fields"), "refusal")
