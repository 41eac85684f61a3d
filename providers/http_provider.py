"""The thin shell the three vendors' adapters share: send a dialect's bytes, read its replies."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from providers.errors import CutReplyError, MalformedReplyError, ProviderError
from providers.exchange import (
    CONNECT_TIMEOUT_S,
    OpenReply,
    Post,
    WholeReply,
    open_reply,
    translate_errors,
    whole_reply,
)
from providers.failures import failure_of_reply
from providers.replies import ReplyDecoder
from providers.wire.client import Address

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from providers.messages import Completion, Piece, Prompt
    from providers.provider import Deadline
    from providers.replies import Dialect
    from providers.wire.client import Client

AFTER_END_S = 0.1
"""Longest wait for the rest of a stream whose reply is whole: figures that come late, and the end
of the body, without which the connection cannot be used again."""


class HttpProvider:
    """A `providers.provider.Provider` over HTTP, in the ``dialect`` of its vendor."""

    vendor: ClassVar[str]

    def __init__(  # noqa: PLR0913 - the parts of one endpoint, put together by each vendor's class
        self,
        *,
        name: str,
        model: str,
        client: Client,
        base_url: str,
        dialect: Dialect,
        headers: Mapping[str, str],
        secret: str | None,
    ) -> None:
        if secret is not None and not (secret.isascii() and secret.isprintable()):
            raise ValueError(f"the API key of {name} has characters no HTTP header can carry")
        self.name = name
        self.model = model
        self._client = client
        self._dialect = dialect
        self._secret = secret
        root = base_url.rstrip("/")
        common = {
            "accept-encoding": "identity",  # short texts: unpacking costs more than it saves
            "content-type": "application/json",
            "user-agent": "wallbounce",
            **headers,
        }
        try:
            self._address = Address.of(
                root + dialect.path(stream=False), common | {"accept": "application/json"}
            )
            self._stream_address = Address.of(
                root + dialect.path(stream=True), common | {"accept": "text/event-stream"}
            )
        except ValueError as error:
            raise ValueError(f"the base URL of {name} cannot be used: {error}") from None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, model={self.model!r})"

    async def complete(
        self,
        prompt: Prompt,
        deadline: Deadline,
        *,
        repeat_billed: bool = True,  # noqa: ARG002 - an adapter never repeats a call
    ) -> Completion:
        """Ask for a whole reply, once (`providers.provider.Provider.complete`)."""
        post = Post(self.name, self._address, self._dialect.body(prompt, stream=False))
        reply = await whole_reply(self._client, post, deadline)
        if reply.status != HTTPStatus.OK:
            raise self._failure(reply)
        return self._told(self._dialect.completion(reply.body), prompt)

    async def warm(self) -> None:
        """Open a connection for the next call, if the client can; nothing is sent.

        Raises:
            ConnectionFailedError: nobody was reached.
        """
        with translate_errors(self.name):
            await self._client.warm(self._address, CONNECT_TIMEOUT_S)

    def _told(self, completion: Completion, prompt: Prompt) -> Completion:
        """With what was asked otherwise than the caller wished."""
        adjusted = self._dialect.adjustments(prompt)
        return replace(completion, adjusted=adjusted) if adjusted else completion

    async def stream(
        self,
        prompt: Prompt,
        deadline: Deadline,
        *,
        repeat_billed: bool = False,  # noqa: ARG002 - as above
    ) -> AsyncGenerator[Piece | Completion, None]:
        """Ask for a reply piece by piece (`providers.provider.Provider.stream`)."""
        post = Post(self.name, self._stream_address, self._dialect.body(prompt, stream=True))
        decoder = ReplyDecoder(self.name, self._dialect.state())
        async with open_reply(self._client, post, deadline) as reply:
            await self._check_head(reply)
            while (chunk := await self._next_chunk(reply, decoder)) is not None:
                for piece in decoder.feed(chunk):
                    yield piece
        for piece in decoder.flush():
            yield piece
        yield self._told(decoder.finish(), prompt)

    async def _check_head(self, reply: OpenReply) -> None:
        """Raise unless a stream of events follows."""
        if reply.status != HTTPStatus.OK:
            raise self._failure(await reply.whole())
        kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "text/event-stream":
            await reply.whole()
            raise MalformedReplyError(self.name, "the reply is not a stream of events")

    async def _next_chunk(self, reply: OpenReply, decoder: ReplyDecoder) -> bytes | None:
        """The next bytes, None at the end; a break before the reply's end is a cut reply.

        Once the reply is whole, a break or a wait changes nothing any more.
        """
        if not decoder.ended:
            try:
                return await reply.next_chunk()
            except ProviderError as error:
                if error.code == "connection_lost":
                    raise CutReplyError(self.name, "the stream broke before its end") from None
                raise
        try:
            return await reply.next_chunk(asyncio.get_running_loop().time() + AFTER_END_S)
        except ProviderError:
            return None

    def _failure(self, reply: WholeReply) -> ProviderError:
        return failure_of_reply(
            self.name,
            reply.status,
            reply.headers,
            reply.body,
            now=time.time(),
            secret=self._secret,
        )
