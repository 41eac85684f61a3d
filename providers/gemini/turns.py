"""A conversation as Gemini's ``contents``.

Shapes: ai.google.dev/api/caching (``Content``, ``Part``), gemini-api/docs/function-calling,
…/thought-signatures and …/file-input-methods.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from providers.messages import ImagePart
from providers.wishes import LackError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from providers.gemini.models import Traits
    from providers.messages import Message, ToolCall

ROLES = {"user": "user", "assistant": "model", "tool": "user"}

IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"})
"""Images the vendor reads (gemini-api/docs/image-understanding, "Supported image formats")."""

_TYPE_OF_ENDING = {"jpg": "image/jpeg"} | {kind.partition("/")[2]: kind for kind in IMAGE_TYPES}

UNSIGNED = "skip_thought_signature_validator"
"""The signature of a call that this model never signed, as one of another model
(gemini-api/docs/thought-signatures, "FAQs")."""

OWN_ID = "wb_call_"
"""Begins the ids of calls that came without one: these are not sent back."""

Json = dict[str, Any]


def contents_of(turns: Sequence[Message], model: str, traits: Traits) -> list[Json]:
    """The ``contents`` of these turns; the results of one turn's calls stand in one content.

    Raises:
        LackError: an image the vendor cannot read, or a call or a result it could not place.
    """
    contents: list[Json] = []
    names: dict[str, str] = {}
    results: list[Json] | None = None
    for turn in turns:
        if turn.role == "tool":
            part = _result(turn, names, model, traits)
            if results is None:
                results = []
                contents.append({"role": ROLES[turn.role], "parts": results})
            results.append(part)
            continue
        results = None
        names.update((call.id, call.name) for call in turn.tool_calls)
        contents.append({"role": ROLES[turn.role], "parts": _parts(turn, model, traits)})
    return contents


def is_unsigned(turns: Sequence[Message], traits: Traits) -> bool:
    """Some turn's calls come without the signature that the model wants back."""
    return traits.signed and any(
        turn.tool_calls and turn.tool_calls[0].signature is None for turn in turns
    )


def own_id(response_id: str, index: int, name: str, arguments: str) -> str:
    """An id for a call that came without: the same for the same reply, another for another's."""
    words = "\0".join((response_id, str(index), name, arguments)).encode()
    return OWN_ID + blake2b(words, digest_size=12).hexdigest()


def _parts(turn: Message, model: str, traits: Traits) -> list[Json]:
    parts: list[Json] = [
        _image(part, model, traits) if isinstance(part, ImagePart) else {"text": part.text}
        for part in turn.parts
    ]
    if not parts and (turn.content or not turn.tool_calls):
        parts.append({"text": turn.content})
    for index, call in enumerate(turn.tool_calls):
        written = _call(call, model, traits)
        # The first call of a turn carries the signature of all.
        signature = call.signature or (UNSIGNED if traits.signed and index == 0 else None)
        if signature is not None:
            written["thoughtSignature"] = signature
        parts.append(written)
    return parts


def _call(call: ToolCall, model: str, traits: Traits) -> Json:
    try:
        arguments = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        raise LackError(f"{model} takes earlier tool calls with a JSON object as arguments alone")
    return {"functionCall": {"name": call.name, "args": arguments, **_id(call.id, traits)}}


def _result(turn: Message, names: Mapping[str, str], model: str, traits: Traits) -> Json:
    if turn.images:
        raise LackError(f"{model} takes no images in a tool's result")
    name = names.get(turn.tool_call_id or "")
    if name is None:
        raise LackError(f"{model} takes a tool's result after its call alone")
    response = {"name": name, "response": _object(turn.content), **_id(turn.tool_call_id, traits)}
    return {"functionResponse": response}


def _object(content: str) -> Json:
    """A result as the JSON object that the vendor wants it to be."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        value = content
    return value if isinstance(value, dict) else {"result": value}


def _id(value: str | None, traits: Traits) -> Json:
    sent = value if value and traits.call_ids and not value.startswith(OWN_ID) else None
    return {"id": sent} if sent else {}


def _image(part: ImagePart, model: str, traits: Traits) -> Json:
    if part.data is not None:
        if part.media_type not in IMAGE_TYPES:
            other = part.media_type or "an unknown type"
            raise LackError(f"{model} reads JPEG, PNG, WebP, HEIC and HEIF images, not {other}")
        return {"inlineData": {"mimeType": part.media_type, "data": part.data}}
    if part.url is None or not part.url.startswith("https://"):
        raise LackError(f"{model} takes images by https:// URLs or as base64 alone")
    if not traits.urls:
        raise LackError(f"{model} takes images as base64 alone, not by URL")
    file: Json = {"fileUri": part.url}
    ending = urlsplit(part.url).path.lower().rpartition(".")[2]
    kind = part.media_type or _TYPE_OF_ENDING.get(ending)
    if kind is not None:
        file["mimeType"] = kind
    return {"fileData": file}
