"""JSON schemas as Anthropic's grammars take them: objects closed, bounds said in words.

The API answers 400 for what its constrained decoding cannot hold (platform.claude.com/docs,
build-with-claude/structured-outputs, "JSON Schema limitations"). The vendor's own SDKs take such
keywords out and put them in the description, where the model still reads them; so it is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from providers.wishes import LackError

if TYPE_CHECKING:
    from collections.abc import Mapping

UNHELD = frozenset({
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "maxItems", "uniqueItems", "contains", "minContains", "maxContains",
    "prefixItems", "unevaluatedItems", "minProperties", "maxProperties", "patternProperties", "propertyNames",
    "dependentRequired", "dependentSchemas", "unevaluatedProperties", "if", "then", "else", "not",
})  # fmt: skip
"""Keywords that the grammars do not hold a reply to. ``minItems`` is held at 0 and 1 alone."""

FORMATS = frozenset({
    "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid",
})  # fmt: skip
"""Formats of strings that the grammars know."""

MAX_DEPTH = 64
"""Schemas nested deeper are refused before they are walked: no real one is near."""

_MAPS = frozenset({"properties", "$defs", "definitions"})
_LISTS = frozenset({"anyOf", "oneOf", "allOf"})


def grammar_of(schema: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """The schema for a grammar, and whether something of it is now said in words only.

    Raises:
        LackError: it nests too deep to be walked.
    """
    walk = _Walk()
    return walk.schema(schema, 0), walk.loosened


class _Walk:
    def __init__(self) -> None:
        self.loosened = False

    def schema(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        if depth > MAX_DEPTH:
            raise LackError(f"a JSON schema may nest {MAX_DEPTH} levels at most")
        said = {key: value for key, value in schema.items() if _is_unheld(key, value)}
        held = {
            "anyOf" if key == "oneOf" else key: self._held(key, value, depth)
            for key, value in schema.items()
            if key not in said
        }
        if held.get("type") == "object" or "properties" in held:
            if held.get("additionalProperties", False) is not False:
                said["additionalProperties"] = held["additionalProperties"]
            held["additionalProperties"] = False
        if said:
            self.loosened = True
            words = orjson.dumps(said).decode()
            held["description"] = f"{held.get('description', '')} {words}".strip()
        return held

    def _held(self, key: str, value: Any, depth: int) -> Any:
        if key in _MAPS and isinstance(value, dict):
            return {name: self._inner(inner, depth) for name, inner in value.items()}
        if key in _LISTS and isinstance(value, list):
            return [self._inner(inner, depth) for inner in value]
        return self._inner(value, depth) if key == "items" else value

    def _inner(self, value: Any, depth: int) -> Any:
        return self.schema(value, depth + 1) if isinstance(value, dict) else value


def _is_unheld(key: str, value: Any) -> bool:
    if key == "format":
        return not (isinstance(value, str) and value in FORMATS)
    if key == "minItems":
        return value not in (0, 1)
    return key in UNHELD
