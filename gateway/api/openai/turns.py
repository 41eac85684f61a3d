"""The conversation of a chat completion in the providers' words: turns, their parts, calls and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from gateway.api.openai.complaints import invalid, missing, not_offered
from gateway.conversation import ImageUrl
from providers.messages import ImagePart, Message, TextPart, ToolCall

if TYPE_CHECKING:
    from gateway.api.openai.parameters import CalledTool, ChatMessage, ChatRequest, ContentPart
    from providers.messages import Part


def turns_of(request: ChatRequest) -> tuple[Message, ...]:
    """The conversation in the providers' words.

    Raises:
        ParameterError: A turn makes no sense.
    """
    return tuple([_message(m, n) for n, m in enumerate(request.messages)])


def _message(message: ChatMessage, number: int) -> Message:
    content = message.content
    role = message.role
    # Most turns by far are a text of the user's, the system's or the assistant's.
    if isinstance(content, str) and role in {"user", "system", "developer"}:
        return Message("user" if role == "user" else "system", content)
    return _odd_message(message, f"messages[{number}]")


def _odd_message(message: ChatMessage, where: str) -> Message:
    for name in ("function_call", "audio"):
        if getattr(message, name) is not None:
            raise not_offered(f"{where}.{name}", "is not offered")
    match message.role:
        case "function":
            raise not_offered(f"{where}.role", "of 'function' is deprecated: use 'tool'")
        case "assistant":
            return _assistant(message, where)
        case "tool":
            if message.tool_call_id is None:
                raise missing(f"{where}.tool_call_id")
            text = _text(message, where)
            return Message("tool", text, tool_call_id=message.tool_call_id)
        case "user":
            return Message.of_parts("user", _parts(message, where))
        case _:
            return Message("system", _text(message, where))


def _assistant(message: ChatMessage, where: str) -> Message:
    calls = tuple(
        _call(call, f"{where}.tool_calls[{n}]") for n, call in enumerate(message.tool_calls or [])
    )
    if message.content is None:
        # The SDK sends a refusal back as it came: with no content.
        said = message.refusal
        if said is None and not calls:
            raise missing(f"{where}.content")
        return Message("assistant", said or "", tool_calls=calls)
    return Message("assistant", _text(message, where), tool_calls=calls)


def _call(call: CalledTool, where: str) -> ToolCall:
    if call.type != "function" or call.custom is not None:
        raise not_offered(f"{where}.type", "offers 'function' alone")
    if call.function is None:
        raise missing(f"{where}.function")
    return ToolCall(call.id, call.function.name, call.function.arguments, _signature(call, where))


def _signature(call: CalledTool, where: str) -> str | None:
    """What a vendor gave along with the call, where its caller sends it back (Google's own face)."""
    said = call.extra_content
    if said is None:
        return None
    google = said.get("google")
    signature = google.get("thought_signature") if isinstance(google, dict) else None
    if not isinstance(signature, str):
        raise invalid(f"{where}.extra_content", "it holds {'google': {'thought_signature': '…'}}")
    return signature


def _text(message: ChatMessage, where: str) -> str:
    """The content of a turn that is words alone."""
    content = message.content
    if content is None:
        raise missing(f"{where}.content")
    if isinstance(content, str):
        return content
    texts = []
    for number, part in enumerate(content):
        here = f"{where}.content[{number}]"
        words = part.refusal if part.type == "refusal" else part.text
        if part.type not in {"text", "refusal"}:
            raise invalid(f"{here}.type", f"'{part.type[:40]}' has no place in this turn")
        if words is None:
            raise missing(f"{here}.{part.type}")
        texts.append(words)
    return "\n\n".join(texts)


def _parts(message: ChatMessage, where: str) -> tuple[Part, ...]:
    content = message.content
    if content is None:
        raise missing(f"{where}.content")
    if isinstance(content, str):
        return (TextPart(content),)
    if not content:
        raise invalid(f"{where}.content", "it is empty")
    return tuple(_part(part, f"{where}.content[{n}]") for n, part in enumerate(content))


def _part(part: ContentPart, where: str) -> Part:
    match part.type:
        case "text":
            if part.text is None:
                raise missing(f"{where}.text")
            return TextPart(part.text)
        case "image_url":
            if part.image_url is None:
                raise missing(f"{where}.image_url")
            return _image(part, where)
        case "input_audio" | "file":
            raise not_offered(f"{where}.type", f"of '{part.type}' is not offered")
        case _:
            raise invalid(f"{where}.type", "Supported values are: 'text', 'image_url'")


def _image(part: ContentPart, where: str) -> ImagePart:
    said = part.image_url
    assert said is not None  # noqa: S101 - looked at before
    try:
        image = ImageUrl(url=said.url, detail=said.detail).to_part()
    except ValidationError as error:
        what = error.errors(include_url=False, include_context=False, include_input=False)
        why = what[0]["msg"].removeprefix("Value error, ")
        raise invalid(f"{where}.image_url.url", why) from None
    assert isinstance(image, ImagePart)  # noqa: S101 - what an address is
    return image
