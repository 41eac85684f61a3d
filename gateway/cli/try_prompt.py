"""The prompt `wallbounce try` asks, from the options of the command line and the files they name."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from providers.messages import ImagePart, JsonFormat, Message, Prompt, TextPart, Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from providers.messages import Part

LARGEST_IMAGE = 20_000_000
"""Bytes: OpenAI's bound, the highest of the three vendors'."""

LARGEST_SCHEMA = 1_000_000
"""Bytes."""

MEDIA_TYPES: Mapping[bytes, str] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}
"""By how a file begins (RFC 2083, ITU-T T.81, GIF89a, RFC 9649)."""


def prompt_of(
    text: str,
    *,
    system: str | None,
    images: Sequence[str],
    schema: Path | None,
    tools: Path | None,
    **wishes: Any,
) -> Prompt:
    """What to ask.

    Raises:
        click.BadParameter: a file cannot be read, or holds something else.
    """
    parts: tuple[Part, ...] = (TextPart(text), *(_image(named) for named in images))
    turn = Message.of_parts("user", parts)
    turns = (turn,) if system is None else (Message("system", system), turn)
    return Prompt(
        turns,
        format=None if schema is None else _format(schema),
        tools=() if tools is None else _tools(tools),
        **wishes,
    )


def _image(named: str) -> ImagePart:
    if named.startswith(("http://", "https://")):
        return ImagePart(url=named)
    data = _read(Path(named), LARGEST_IMAGE, "--image")
    kind = next((kind for head, kind in MEDIA_TYPES.items() if data.startswith(head)), None)
    if kind is None:
        raise _wrong("--image", named, "it is no PNG, JPEG, GIF or WebP")
    return ImagePart(data=base64.b64encode(data).decode(), media_type=kind)


def _format(path: Path) -> JsonFormat:
    told = _json(path, "--json-schema")
    if not isinstance(told, dict):
        raise _wrong("--json-schema", path, "it holds no JSON object")
    return JsonFormat(schema=told, name="answer", strict=True)


def _tools(path: Path) -> tuple[Tool, ...]:
    """The functions in a file: OpenAI's list of tools, or of what stands under their ``function``."""
    told = _json(path, "--tools")
    functions = [
        item.get("function", item) if isinstance(item, dict) else item
        for item in (told if isinstance(told, list) else [told])
    ]
    if not functions or not all(_is_function(function) for function in functions):
        raise _wrong("--tools", path, "expected functions with a name and their parameters' schema")
    return tuple(Tool(f["name"], f.get("description"), f.get("parameters")) for f in functions)


def _is_function(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and isinstance(value.get("description", ""), str)
        and isinstance(value.get("parameters", {}), dict)
    )


def _json(path: Path, option: str) -> Any:
    return _understood(json.loads, _read(path, LARGEST_SCHEMA, option), path, option)


def _understood(parse: Callable[[bytes], Any], data: bytes, path: Path, option: str) -> Any:
    try:
        return parse(data)
    except (ValueError, RecursionError) as error:
        raise _wrong(option, path, f"it is no JSON: {error}") from None


def _read(path: Path, most: int, option: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _wrong(option, path, f"it cannot be read: {reason}") from None
    if len(data) > most:
        raise _wrong(option, path, f"it is larger than {most} bytes")
    return data


def _wrong(option: str, named: object, why: str) -> click.BadParameter:
    return click.BadParameter(f"{named}: {why}.", param_hint=option)
