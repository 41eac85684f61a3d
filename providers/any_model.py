"""Every other vendor and model, through LiteLLM: the one door to its SDK.

Importing litellm takes seconds, so it is done at the first call, in a thread.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx

from providers.errors import (
    ConnectionFailedError,
    ConnectionLostError,
    CutReplyError,
    FilteredReplyError,
    MalformedReplyError,
    ProviderError,
    TimedOutError,
)
from providers.failures import failure_of_reply, failure_of_status
from providers.limits import max_tokens_for
from providers.messages import FinishReason, TextDelta
from providers.replies import conclude
from providers.shapes import maybe_object, maybe_text, well_formed
from providers.usage.litellm import usage_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from types import ModuleType

    from pydantic import SecretStr

    from providers.catalog import ModelCard
    from providers.messages import Completion, Piece, Prompt
    from providers.provider import Deadline

FINISH_REASONS = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "content_filter": FinishReason.CONTENT_FILTER,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
}
"""LiteLLM tells every vendor's reasons in OpenAI's words."""


class AnyModel:
    """A model of any vendor LiteLLM knows, by LiteLLM's own word for the vendor.

    Without ``api_key`` LiteLLM looks for the vendor's usual environment variable, and without
    ``base_url`` it asks the vendor's own address. LiteLLM's refusals of some vendors come as
    filtered replies, and the tokens of a stream that reports none are its estimate. A prompt's
    ``max_tokens`` is lowered to what the card says the model can write.
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
                reply = await self._ask(prompt, deadline, stream=False)
        with well_formed(self.name):
            choice = reply.choices[0]
            refusal = _refusal(choice.message)
            return conclude(
                self.name,
                text=(choice.message.content or "") + refusal,
                model=reply.model or self.model,
                finish_reason=_finish_reason(choice.finish_reason, refused=bool(refusal)),
                usage=usage_of(getattr(reply, "usage", None)),
            )

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Piece | Completion, None]:
        """Ask for a reply piece by piece (`providers.provider.Provider.stream`)."""
        with self._translate_errors():
            async with asyncio.timeout_at(deadline.at):
                chunks = await self._ask(prompt, deadline, stream=True)
        texts: list[str] = []
        finish: str | None = None
        refused = False
        usage: object = None
        try:
            while (chunk := await self._next_chunk(chunks, deadline)) is not None:
                usage = getattr(chunk, "usage", None) or usage
                if not chunk.choices:
                    continue
                choice = chunk.choices[0]
                finish = choice.finish_reason or finish
                refusal = _refusal(choice.delta)
                refused = refused or bool(refusal)
                text = (choice.delta.content or "") + refusal
                if text:
                    texts.append(text)
                    yield TextDelta(text)
        finally:
            await chunks.aclose()
        # LiteLLM makes a "stop" up where the vendor sent none: ask what it received.
        if not (chunks.received_finish_reason or chunks.intermittent_finish_reason):
            raise CutReplyError(self.name, "the stream ended before the reply did")
        with well_formed(self.name):
            yield conclude(
                self.name,
                text="".join(texts),
                model=chunks.model or self.model,
                finish_reason=_finish_reason(finish, refused=refused),
                usage=usage_of(usage),
            )

    async def _ask(self, prompt: Prompt, deadline: Deadline, *, stream: bool) -> Any:
        litellm = await asyncio.to_thread(load_litellm)
        arguments: dict[str, Any] = {
            "model": self._litellm_name,
            "messages": [{"role": m.role, "content": m.content} for m in prompt.messages],
            "timeout": max(0.001, deadline.remaining(asyncio.get_running_loop().time())),
            "max_retries": 0,
            "num_retries": 0,
            "drop_params": True,  # what this model does not take, such as a temperature
        }
        if self._base_url is not None:
            arguments["api_base"] = self._base_url
        if self._api_key is not None:
            arguments["api_key"] = self._api_key.get_secret_value()
        max_tokens = max_tokens_for(prompt, self._card)
        if max_tokens is not None:
            arguments["max_tokens"] = max_tokens
        if prompt.temperature is not None and (
            self._card is None or self._card.supports_temperature
        ):
            arguments["temperature"] = prompt.temperature
        if stream:
            arguments |= {"stream": True, "stream_options": {"include_usage": True}}
        return await litellm.acompletion(**arguments)

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
    module: ModuleType = litellm
    return module


@contextmanager
def translate_errors(provider: str, secret: str | None = None) -> Iterator[None]:
    """Turn what LiteLLM and the deadline raise into this provider's `ProviderError`.

    LiteLLM wraps errors several times and tells many of them as a 500: what it wrapped decides.
    """
    try:
        yield
    except ProviderError:
        raise
    except Exception as error:  # noqa: BLE001 - LiteLLM lets its vendors' bugs through as they are
        raise _translated(provider, error, secret) from None


def _translated(provider: str, error: Exception, secret: str | None) -> ProviderError:
    chain = list(_chain(error))
    for link in chain:
        if isinstance(link, httpx.HTTPStatusError):
            reply = link.response
            return failure_of_reply(
                provider,
                reply.status_code,
                reply.headers,
                _body(reply),
                now=time.time(),
                secret=secret,
            )
    if type(error).__name__ == "ContentPolicyViolationError":
        return FilteredReplyError(provider, "the vendor's content filter withheld the reply")
    broken = _of_transport(provider, chain)
    if broken is not None:
        return broken
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and _told_by_vendor(error, status, chain):
        return failure_of_status(provider, status, f"answered {status}")
    return MalformedReplyError(provider, "the reply is not what the vendor's protocol promises")


def _of_transport(provider: str, chain: list[BaseException]) -> ProviderError | None:
    """The error a broken connection or a time-out stands for; None if ``chain`` holds neither.

    LiteLLM's transport calls some lost connections failed ones: aiohttp's own error goes first.
    """

    def holds(*kinds: type[BaseException]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    if holds(TimeoutError, httpx.TimeoutException):
        return TimedOutError(provider, "no whole reply came in time")
    unreached = (
        httpx.ConnectError if not holds(aiohttp.ClientError) else aiohttp.ClientConnectorError
    )
    if holds(unreached):
        return ConnectionFailedError(provider, "no connection could be made")
    if holds(aiohttp.ClientError, httpx.TransportError, OSError):
        return ConnectionLostError(provider, "the connection broke before the reply was whole")
    return None


def _told_by_vendor(error: Exception, status: int, chain: list[BaseException]) -> bool:
    """Whether a status without an HTTP reply is the vendor's word, in a stream, or LiteLLM's guess.

    LiteLLM calls what it cannot parse a 500.
    """
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return status >= HTTPStatus.BAD_REQUEST
    unparsed = any(isinstance(link, ValueError) for link in chain)
    return type(error).__name__ == "MidStreamFallbackError" and not unparsed


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _body(reply: httpx.Response) -> bytes:
    try:
        return reply.content
    except httpx.ResponseNotRead:
        return b""


def _refusal(message: Any) -> str:
    fields = {"fields": getattr(message, "provider_specific_fields", None)}
    return maybe_text(maybe_object(fields, "fields"), "refusal")


def _finish_reason(word: str | None, *, refused: bool) -> FinishReason:
    reason = FINISH_REASONS.get(word or "", FinishReason.OTHER)
    return FinishReason.REFUSAL if refused and reason is FinishReason.STOP else reason
