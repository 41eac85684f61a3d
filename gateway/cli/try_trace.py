"""The wire view of `wallbounce try`: from what went over the wire to lines to read and JSON to keep."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from providers.wire.observed import Broke, Chunk, Connected, Ended, Head, Sent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.cli.try_secrets import Secrets
    from providers.wire.observed import WireEvent

LONGEST_TEXT: Final = 2_000
"""Characters of one string within a body that are shown: images in base64 are longer."""

LONGEST_BODY: Final = 50_000
"""Characters of a body that is no JSON that are shown."""

_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What a terminal would obey rather than show, and halves of characters, which nobody can write."""


@dataclass(slots=True)
class Attempt:
    """One request and what came back, keys masked; times in ms since the call began."""

    connect_ms: float | None = None
    reused: bool | None = None
    sent_ms: float | None = None
    url: str = ""
    request_headers: dict[str, str] = field(default_factory=dict)
    request_body: Any = None
    status: int | None = None
    head_ms: float | None = None
    headers: dict[str, str] = field(default_factory=dict)
    first_byte_ms: float | None = None
    events: list[dict[str, Any]] | None = None
    body: Any = None
    ended_ms: float | None = None
    broke: str | None = None


class Trace:
    """Reads the wire's events of one call, which began at ``began`` on their clock."""

    def __init__(self, secrets: Secrets, began: float) -> None:
        self._secrets = secrets
        self._began = began
        self._rest = b""
        self.attempts: list[Attempt] = []

    def take(self, event: WireEvent) -> Iterator[str]:
        """Take one event; give the lines that show it."""
        if isinstance(event, Connected) or not self.attempts or self._over:
            self.attempts.append(Attempt())
            self._rest = b""
            if len(self.attempts) > 1:
                yield f"* attempt {len(self.attempts)}"
        attempt, ms = self.attempts[-1], (event.at - self._began) * 1000
        match event:
            case Connected():
                attempt.connect_ms, attempt.reused = event.seconds * 1000, event.reused
                kept = "the connection of before is used again"
                yield f"* {kept if event.reused else f'connected in {attempt.connect_ms:.1f} ms'}"
            case Sent():
                yield from self._sent(attempt, event, ms)
            case Head():
                yield from self._head(attempt, event, ms)
            case Chunk():
                attempt.first_byte_ms = (
                    ms if attempt.first_byte_ms is None else attempt.first_byte_ms
                )
                yield from self._chunk(attempt, event.data, ms)
            case Ended():
                attempt.ended_ms = ms
                yield from self._rest_of(attempt, ms)
                yield f"* the reply ended +{ms:.1f} ms"
            case Broke():
                attempt.ended_ms, attempt.broke = ms, event.why
                yield from self._rest_of(attempt, ms)
                yield f"* {_BROKE.get(event.why, event.why)} +{ms:.1f} ms"

    @property
    def _over(self) -> bool:
        return self.attempts[-1].ended_ms is not None

    def _sent(self, attempt: Attempt, event: Sent, ms: float) -> Iterator[str]:
        attempt.sent_ms, attempt.url = ms, self._shown(event.url)
        attempt.request_headers = {n: self._secrets.header(n, v) for n, v in event.headers}
        attempt.request_body = self._parsed(event.body)
        yield f"> POST {attempt.url}"
        yield from (f"> {name}: {plain(value)}" for name, value in attempt.request_headers.items())
        yield from _indented(">", attempt.request_body)

    def _head(self, attempt: Attempt, event: Head, ms: float) -> Iterator[str]:
        attempt.status, attempt.head_ms = event.status, ms
        attempt.headers = {n: self._secrets.header(n, v) for n, v in event.headers.items()}
        streamed = "text/event-stream" in event.headers.get("content-type", "")
        attempt.events = [] if streamed else None
        yield f"< {event.status} {_phrase(event.status)} +{ms:.1f} ms"
        yield from (f"< {name}: {plain(value)}" for name, value in attempt.headers.items())

    def _chunk(self, attempt: Attempt, data: bytes, ms: float) -> Iterator[str]:
        self._rest += data
        if attempt.events is None:
            return
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            yield from self._event(attempt, line, ms)

    def _event(self, attempt: Attempt, line: bytes, ms: float) -> Iterator[str]:
        text = self._shown(line.decode("utf-8", "replace").rstrip("\r"))
        if text and attempt.events is not None:
            attempt.events.append({"at_ms": round(ms, 1), "line": text})
            yield f"< +{ms:.1f} ms {text}"

    def _rest_of(self, attempt: Attempt, ms: float) -> Iterator[str]:
        rest, self._rest = self._rest, b""
        if attempt.events is not None:
            yield from self._event(attempt, rest, ms)
        elif attempt.status is not None:
            attempt.body = self._parsed(rest)
            yield from _indented("<", attempt.body)

    def _shown(self, text: str, longest: int = LONGEST_BODY) -> str:
        hidden = self._secrets.hide(text)  # first: of a key that a cut parts no part may stay
        return plain(_cut(hidden, longest))

    def _parsed(self, body: bytes) -> Any:
        """A body as JSON where it is some, as text elsewhere; masked, and long texts within it cut."""
        text = body.decode("utf-8", "replace")
        try:
            return self._masked(json.loads(text, parse_constant=_refused))
        except (ValueError, RecursionError):
            return self._shown(text, LONGEST_BODY)

    def _masked(self, value: Any) -> Any:
        match value:
            case str():
                return self._shown(value, LONGEST_TEXT)
            case dict():
                return {self._shown(str(key)): self._masked(held) for key, held in value.items()}
            case list():
                return [self._masked(held) for held in value]
            case _:
                return value


def _refused(word: str) -> None:
    """NaN and Infinity are no JSON, though Python reads and writes them."""
    raise ValueError(word)


_BROKE: Final = {
    "left": "left before the reply's end",
    "ConnectError": "no connection could be made",
    "LostError": "the connection broke",
    "NotHttpError": "what came is not HTTP",
    "UndecodableError": "the body cannot be decompressed",
}


def _indented(mark: str, body: Any) -> Iterator[str]:
    text = body if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False)
    if text:
        yield mark
        yield from (f"{mark} {line}" for line in text.split("\n"))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:80]}… ({len(text)} characters)"


def plain(text: str) -> str:
    """The text without what would steer a terminal."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
