"""``generateContent`` as pure functions of values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from providers.gemini.models import traits_of
from providers.gemini.replies import GeminiStream
from providers.gemini.turns import contents_of, is_unsigned
from providers.gemini.wishes import decide
from providers.shapes import ShapeError, well_formed
from providers.wishes import NOT_TO_BE_SENT, unsupported, wishes_nothing

if TYPE_CHECKING:
    from providers.catalog import ModelCard
    from providers.messages import Completion, Prompt


@dataclass(frozen=True, slots=True)
class GeminiDialect:
    """A model's dialect. ``secret`` is masked in what the vendor says."""

    provider: str
    model: str
    secret: str | None = field(default=None, repr=False)
    card: ModelCard | None = None

    def path(self, *, stream: bool) -> str:
        """Where to POST, below the base URL. The key goes in a header, never here."""
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return f"/v1beta/models/{quote(self.model, safe='')}:{method}"

    def adjustments(self, prompt: Prompt) -> tuple[str, ...]:
        """What of the prompt's wishes is left out or changed."""
        if wishes_nothing(prompt):
            return ()
        try:
            told = decide(prompt, self.model, self.card).told
        except NOT_TO_BE_SENT as error:
            raise unsupported(self.provider, error) from None
        if is_unsigned(prompt.turns, traits_of(self.model)):
            told.append(f"{self.model} was shown earlier tool calls without its signatures")
        return tuple(told)

    def body(self, prompt: Prompt, *, stream: bool) -> bytes:  # noqa: ARG002 - the path tells
        """The JSON to send; ``max_tokens`` is lowered to what the model can write.

        A prompt of system turns only is asked as a user's: turns are due.
        """
        try:
            return orjson.dumps(self._body(prompt))
        except NOT_TO_BE_SENT as error:
            raise unsupported(self.provider, error) from None

    def _body(self, prompt: Prompt) -> dict[str, Any]:
        system, turns = prompt.system, prompt.turns
        body: dict[str, Any] = {
            "contents": contents_of(turns, self.model, traits_of(self.model))
            or [{"role": "user", "parts": [{"text": system}]}],
            **decide(prompt, self.model, self.card).fields,
        }
        if system is not None and turns:
            body["systemInstruction"] = {"parts": [{"text": system}]}
        return body

    def completion(self, body: bytes) -> Completion:
        """Read a whole reply."""
        with well_formed(self.provider):
            state = self.state()
            text = state.event(body)
            if not state.whole:
                raise ShapeError("candidates has no finishReason")
            return state.completion(text)

    def state(self) -> GeminiStream:
        """A fresh state for one reply."""
        return GeminiStream(self.provider, self.model, self.secret)
