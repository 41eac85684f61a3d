"""How many tokens a prompt has at most, before any vendor has counted them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from providers.pricing.images import image_tokens_bound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.messages import JsonFormat, Message, Prompt, Tool
    from providers.pricing.card import ModelCard

TOKENS_A_MESSAGE: Final = 16
"""Tokens that frame a message, a tool, a call or an image: OpenAI documents 4 for a message (cookbook,
"How to count tokens") and up to 12 for a function; the others publish none."""

TOKENS_A_PROMPT: Final = 64
"""Tokens that frame a whole prompt: OpenAI documents 3."""

TOKENS_OF_TOOLS: Final = 1_024
"""What a vendor says to the model where there are tools or a form of the reply. Anthropic documents 159
to 804 by model for tools (docs.anthropic.com/en/docs/about-claude/pricing, "Tool use pricing"), and for
forms an "additional system prompt" of no documented length."""

RENDERED: Final = 2
"""Bytes of a schema are counted so often: vendors write it anew for the model, in words of their own."""


@dataclass(frozen=True, slots=True)
class PromptBound:
    """Bounds prompts for any of these models, by provider name."""

    cards: Mapping[str, ModelCard]

    def __call__(self, prompt: Prompt) -> int | None:
        """Tokens the prompt has at most, whichever of the models is asked.

        None if it holds an image whose tokens are not bounded for each of them, or a schema that is
        not to be written as JSON (nested too deep, a number of more than 64 bits).
        """
        try:
            bound = input_tokens_bound(prompt)
        except orjson.JSONEncodeError:
            return None
        images = [image for message in prompt.messages if message.parts for image in message.images]
        for image in images:
            counts = [image_tokens_bound(image, c.vendor, c.model) for c in self.cards.values()]
            known = [count for count in counts if count is not None]
            if len(known) < len(counts):
                return None
            bound += max(known, default=0)
        return bound


def input_tokens_bound(prompt: Prompt) -> int:
    """Tokens that a prompt has at most besides its images, for any vendor's tokenizer.

    A byte-level tokenizer (OpenAI's BPE, SentencePiece with byte fallback) turns text into tokens
    that each stand for at least one byte of its UTF-8, so bytes bound tokens. A tokenizer that
    normalises first may see a longer text (NFKC turns U+FDFA, 3 bytes, into 33), hence the longer
    of the two. The frame of each message comes on top.

    Raises:
        orjson.JSONEncodeError: a schema is not to be written as JSON.
    """
    bound = TOKENS_A_PROMPT + sum(_message(message) for message in prompt.messages)
    if prompt.tools or prompt.format:
        bound += TOKENS_OF_TOOLS + sum(_tool(tool) for tool in prompt.tools)
        bound += 0 if prompt.format is None else _format(prompt.format)
    return bound


def _message(message: Message) -> int:
    bound = TOKENS_A_MESSAGE + _bytes(message.content)
    if message.parts:
        bound += TOKENS_A_MESSAGE * len(message.parts)
    for call in message.tool_calls:
        texts = (call.id, call.name, call.arguments, call.signature or "")
        bound += TOKENS_A_MESSAGE + sum(_bytes(text) for text in texts)
    return bound + _bytes(message.tool_call_id or "")


def _tool(tool: Tool) -> int:
    schema = b"" if tool.parameters is None else orjson.dumps(tool.parameters)
    texts = (tool.name, tool.description or "", schema.decode())
    return TOKENS_A_MESSAGE + RENDERED * sum(_bytes(text) for text in texts)


def _format(form: JsonFormat) -> int:
    schema = b"" if form.schema is None else orjson.dumps(form.schema)
    texts = (form.name or "", form.description or "", schema.decode())
    return TOKENS_A_MESSAGE + RENDERED * sum(_bytes(text) for text in texts)


def _bytes(text: str) -> int:
    if text.isascii():
        return len(text)
    return max(len(text.encode()), len(unicodedata.normalize("NFKC", text).encode()))
