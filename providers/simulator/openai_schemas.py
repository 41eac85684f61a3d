"""What OpenAI asks of names and of JSON schemas (platform.openai.com/docs/guides/structured-outputs)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from providers.simulator.openai_errors import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Steps into a schema that are looked at; OpenAI takes five levels of nesting.
_DEPTH = 40
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def check_name(name: str, at: str) -> None:
    """Refuse a name that is none; ``at`` is where it stands in the request."""
    if _NAME.fullmatch(name) is None:
        refuse(
            f"Invalid '{at}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
            param=at,
            code="invalid_value",
        )


def check_schema(schema: Mapping[str, Any], what: str, param: str, *, strict: bool) -> None:
    """Refuse a schema that is not of an object, or not of the ``strict`` kind where it has to be."""
    code = "invalid_function_parameters" if what.startswith("function") else None
    if schema.get("type") != "object":
        refuse(
            f"Invalid schema for {what}: schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema.get('type')}\"'.",
            param=param,
            code=code,
        )
    if strict:
        _check_strict(schema, what, param, code)


def _check_strict(schema: Mapping[str, Any], what: str, param: str, code: str | None) -> None:
    """Structured outputs want every object closed and every property required."""
    for context, part in _objects(schema, ()):
        offered, listed = part.get("properties"), part.get("required")
        required = listed if isinstance(listed, list) else []
        problem = None
        if part.get("additionalProperties") is not False:
            problem = "'additionalProperties' is required to be supplied and to be false."
        elif isinstance(offered, dict):
            missing = next((n for n in offered if n not in required), None)
            if missing is not None:
                problem = f"'required' is required to be supplied and to be an array including every key in properties. Missing '{missing}'."
        if problem is not None:
            refuse(
                f"Invalid schema for {what}: In context={context}, {problem}",
                param=param,
                code=code,
            )


def _objects(
    schema: Any, context: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """The schemas of objects inside a schema, itself first, each with where it stands."""
    if not isinstance(schema, dict) or len(context) > _DEPTH:
        return
    if schema.get("type") == "object" or "properties" in schema:
        yield context, schema
    for key in ("properties", "$defs", "definitions"):
        named = schema.get(key)
        for name, part in named.items() if isinstance(named, dict) else ():
            yield from _objects(part, (*context, key, name))
    yield from _objects(schema.get("items"), (*context, "items"))
    for key in ("anyOf", "allOf"):
        parts = schema.get(key)
        for index, part in enumerate(parts if isinstance(parts, list) else ()):
            yield from _objects(part, (*context, key, str(index)))
