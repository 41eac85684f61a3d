"""`POST /v1/chat/completions`: one request from its bytes to its reply's."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.api.hang_up import WhileThere
from gateway.api.openai.bounced import generate_request
from gateway.api.openai.chunks import Chunks, error_event
from gateway.api.openai.complaints import not_offered
from gateway.api.openai.completions import (
    bounced_completion,
    bounced_figures,
    finish_of,
    headers,
    single_completion,
    single_figures,
)
from gateway.api.openai.errors import told
from gateway.api.openai.events import EventWriter
from gateway.api.openai.meaning import prompt_of, refuse_unoffered, unsaid
from gateway.errors import CallerGoneError, GatewayError, NotAvailableError
from gateway.events import Accepted, Delta
from gateway.single_path import TIMEOUT_MS, SingleAsk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import Receive, Send

    from gateway.answer import Answer
    from gateway.api.openai.parameters import ChatRequest
    from gateway.events import Event
    from gateway.factory import Gateway
    from gateway.requests import GenerateRequest
    from providers.messages import Piece

OK = 200
ALONE = frozenset({"budget_usd", "timeout_ms", "cache"})
"""The wishes under `wallbounce` that mean something where one provider is asked."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat completion on its way: one request, with what it is answered over."""

    gateway: Gateway
    request_id: str
    receive: Receive
    send: Send

    async def answer(self, request: ChatRequest, provider: str | None) -> None:
        """Answer ``request``; ``provider`` is the one to ask, None for several.

        Raises:
            gateway.errors.GatewayError: nothing was sent yet, and it cannot be answered.
        """
        if provider is None:
            asked = self._bounced(request)
            if request.stream:
                await self._stream_bounced(request, asked)
            else:
                await self._answer_bounced(request, asked)
        else:
            ask = self._single(request, provider)
            if request.stream:
                await self._stream_single(request, ask)
            else:
                await self._answer_single(request, ask)

    def _single(self, request: ChatRequest, provider: str) -> SingleAsk:
        """Refusals are recorded here: the single path only records what reaches it."""
        try:
            return _single_ask(request, provider)
        except GatewayError as error:
            self.refuse(error)
            raise

    def _bounced(self, request: ChatRequest) -> GenerateRequest:
        try:
            refuse_unoffered(request)
            return generate_request(request)
        except GatewayError as error:
            self.refuse(error)
            raise

    def refuse(self, error: GatewayError) -> None:
        """Record a request that nobody is asked for."""
        status = told(error, self.request_id).status
        self.gateway.single.refuse(self.request_id, status, error.code)

    async def _answer_single(self, request: ChatRequest, ask: SingleAsk) -> None:
        created = int(time.time())
        async with WhileThere(self.receive):
            answer = await self.gateway.single.answer(ask, self.request_id)
        head = headers(
            self.request_id,
            "single",
            cost_usd=answer.attempt.cost_usd,
            confidence=None,
            ms=answer.processing_time_ms,
        )
        body = single_completion(
            answer,
            self.request_id,
            created=created,
            unsaid=unsaid(request),
            metadata=ask.metadata,
        )
        await self.reply(body, head)

    async def _answer_bounced(self, request: ChatRequest, asked: GenerateRequest) -> None:
        created = int(time.time())
        async with WhileThere(self.receive):
            answer = await self.gateway.pipeline.answer(asked, self.request_id)
        head = headers(
            self.request_id,
            answer.path,
            cost_usd=answer.cost_usd,
            confidence=None if answer.consensus is None else answer.consensus.confidence,
            ms=answer.processing_time_ms,
        )
        await self.reply(bounced_completion(answer, request.model, created=created), head)

    async def _stream_single(self, request: ChatRequest, ask: SingleAsk) -> None:
        model = self.gateway.pool[ask.provider].model
        chunks = self._chunks(request, model)
        writer = self._writer(lambda: "single")

        async def write(piece: Piece) -> None:
            await writer.write(chunks.piece(piece))

        async def run() -> bytes:
            answer = await self.gateway.single.stream(ask, self.request_id, write)
            figures = single_figures(
                answer, self.request_id, unsaid=unsaid(request), metadata=ask.metadata
            )
            completion = answer.completion
            return chunks.ending(finish_of(completion), completion.usage, figures)

        await self._streamed(writer, run)

    async def _stream_bounced(self, request: ChatRequest, asked: GenerateRequest) -> None:
        chunks = self._chunks(request, request.model)
        # Only the answer's own pieces are queued: one answer's text bounds it.
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        path = "wall_bounce"
        writer = self._writer(lambda: path)
        streamed = False

        def see(event: Event) -> None:
            nonlocal path, streamed
            if isinstance(event, Delta):
                streamed = True
                pieces.put_nowait(event.text)
            elif isinstance(event, Accepted):
                path = event.path

        async def pump() -> None:
            while (text := await pieces.get()) is not None:
                await writer.write(chunks.text(text))

        async def answered() -> Answer:
            pumping = asyncio.create_task(pump())
            try:
                answer = await self.gateway.pipeline.answer(asked, self.request_id, see)
            except GatewayError:
                # What was released before the error is the caller's.
                pieces.put_nowait(None)
                await pumping
                raise
            else:
                pieces.put_nowait(None)
                await pumping
                return answer
            finally:
                pumping.cancel()

        async def run() -> bytes:
            answer = await answered()
            text = b"" if streamed else chunks.texts(answer.content)
            return text + chunks.ending("stop", answer.usage, bounced_figures(answer))

        await self._streamed(writer, run)

    async def _streamed(self, writer: EventWriter, run: Callable[[], Awaitable[bytes]]) -> None:
        """Write what ``run`` writes and its ending; after the first event errors are events."""
        try:
            async with WhileThere(self.receive):
                await writer.end(await run())
        except CallerGoneError:
            raise
        except GatewayError as error:
            if not writer.begun:
                raise
            await writer.end(error_event(told(error, self.request_id).body))
        except Exception:
            if writer.begun:
                crash = GatewayError("something went wrong on our side")
                await writer.end(error_event(told(crash, self.request_id).body))
            raise
        finally:
            writer.close()

    def _chunks(self, request: ChatRequest, model: str) -> Chunks:
        options = request.stream_options
        return Chunks(
            self.request_id,
            model,
            created=int(time.time()),
            with_usage=options is not None and bool(options.include_usage),
        )

    def _writer(self, path: Callable[[], str]) -> EventWriter:
        began = time.perf_counter()

        def head() -> list[tuple[bytes, bytes]]:
            ms = (time.perf_counter() - began) * 1000
            return headers(self.request_id, path(), cost_usd=None, confidence=None, ms=ms)

        return EventWriter(self.send, head)

    async def reply(
        self, body: bytes, head: list[tuple[bytes, bytes]], *, status: int = OK
    ) -> None:
        """Send a whole JSON reply."""
        lines = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            *head,
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": lines})
        await self.send({"type": "http.response.body", "body": body})


def _single_ask(request: ChatRequest, provider: str) -> SingleAsk:
    """What one provider is asked.

    Raises:
        ParameterError: a parameter is not offered, or makes no sense.
    """
    refuse_unoffered(request)
    wishes = request.wallbounce
    timeout_ms, budget_usd = TIMEOUT_MS, None
    if wishes is not None:
        if wishes.session_id is not None:
            raise NotAvailableError(
                "conversations by session_id are not offered yet: send the turns as messages",
                field="session_id",
            )
        for name in wishes.model_fields_set - ALONE:
            if getattr(wishes, name) is not None:
                raise not_offered(f"wallbounce.{name}", "means nothing where one provider is asked")
        timeout_ms = wishes.timeout_ms or TIMEOUT_MS
        budget_usd = wishes.budget_usd
    return SingleAsk(
        provider,
        prompt_of(request),
        timeout_ms=timeout_ms,
        budget_usd=budget_usd,
        user_id=request.safety_identifier or request.user or None,
        streamed=bool(request.stream),
        metadata=request.metadata or {},
    )
