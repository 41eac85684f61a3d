"""Examples of what a JSON schema describes, as a model that keeps to the schema would write them.

The keywords are those the vendors document for tools and structured outputs, a subset of JSON
Schema 2020-12 (json-schema.org/draft/2020-12): types, ``properties``, ``required``, ``enum``,
``const``, ``anyOf``, ``allOf``, ``$ref`` into the schema itself, and the simple bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor
from typing import Any

from providers.simulator.wire import dumps, is_number, loads

#: References followed before a schema that only ever refers to itself is given up.
_DEPTH = 24
#: Values written before the rest is left null: a schema may nest arrays of millions.
_VALUES = 2_000
#: Characters a text is filled up to, whatever length is asked for.
_CHARS = 10_000
#: Numbers beyond it are no bounds to reckon with: a JSON number that every reader takes whole.
_LARGEST = 2**53
_ANSWER = ("answer", "final_answer", "result", "response", "reply", "text", "content", "summary")
_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "duration": "P1D",
}


def example(schema: Any) -> Any:
    """A value that ``schema`` allows, the smallest that is not empty; null where it allows nothing.

    A schema that does not say a type is read as what its keywords are about.
    """
    return _Examples(schema).of(schema, "value", 0)


def json_answer(schema: Mapping[str, Any] | None, answer: str) -> str:
    """JSON text of the shape of ``schema``, with ``answer`` where the schema has room for it.

    Without a schema, an answer that is JSON already stays, and any other becomes ``{"answer": …}``.
    """
    if schema is None:
        try:
            plain = isinstance(loads(answer.encode()), dict)
        except ValueError:
            plain = False
        return answer if plain else dumps({"answer": answer}).decode()
    examples = _Examples(schema)
    value = examples.of(schema, "value", 0)
    shape = examples.resolved(schema)
    if isinstance(value, str) and examples.is_free_text(shape):
        value = answer
    elif isinstance(value, dict):
        offered = _mapping(shape.get("properties"))
        free = [name for name, inner in offered.items() if examples.is_free_text(inner)]
        named = [name for name in _ANSWER if name in free]
        if named or free:
            value[(named or free)[0]] = answer
    return dumps(value).decode()


class _Examples:
    """Examples of the parts of one schema, which may refer to each other."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._left = _VALUES

    def of(self, schema: Any, name: str, depth: int) -> Any:
        schema = self.resolved(schema)
        for key in ("const", "default", "example"):
            if key in schema:
                return schema[key]
        for key in ("enum", "examples"):
            if isinstance(schema.get(key), list) and schema[key]:
                return schema[key][0]
        self._left -= 1
        if depth >= _DEPTH or self._left < 0:
            return None
        kind = _kind(schema)
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            count = max(1, _whole(schema.get("minItems"), 1))
            most = _whole(schema.get("maxItems"), count)
            first = _items(schema)
            size = min(count, most, max(0, self._left))
            return [self.of(first, name, depth + 1) for _ in range(size)]
        return _scalar(kind, schema, name)

    def resolved(self, schema: Any, within: int = 0) -> Mapping[str, Any]:
        """The schema itself behind ``$ref``, and the first way that ``anyOf`` and ``oneOf`` leave.

        ``within`` counts the ``allOf`` around it: one that refers to itself has to end.
        """
        found = _mapping(schema)
        self._left -= within > 0
        if within > _DEPTH or self._left < 0:
            return {}
        for _ in range(_DEPTH):
            options = next(
                (found[k] for k in ("anyOf", "oneOf") if isinstance(found.get(k), list)), None
            )
            if isinstance(found.get("$ref"), str):
                found = {**self._referred(found["$ref"]), **_without(found, "$ref")}
            elif options:
                first = next((o for o in options if _mapping(o).get("type") != "null"), options[0])
                found = {**_without(found, "anyOf", "oneOf"), **_mapping(first)}
            elif isinstance(found.get("allOf"), list):
                merged = _without(found, "allOf")
                for part in found["allOf"]:
                    merged = _joined(merged, self.resolved(part, within + 1))
                found = merged
            else:
                break
        return found

    def is_free_text(self, schema: Any) -> bool:
        """Whether any string will do."""
        shape = self.resolved(schema)
        return _kind(shape) == "string" and not shape.keys() & {
            "enum", "const", "format", "pattern", "maxLength",
        }  # fmt: skip

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        offered = _mapping(schema.get("properties"))
        required = schema.get("required")
        names = required if isinstance(required, list) else list(offered)
        return {
            name: self.of(offered.get(name, {}), name, depth + 1)
            for name in names
            if isinstance(name, str)
        }

    def _referred(self, pointer: str) -> Mapping[str, Any]:
        """What a JSON pointer into the schema finds (RFC 6901); nothing where it leads nowhere."""
        here = self._root
        for step in pointer.removeprefix("#").split("/")[1:]:
            here = _mapping(here).get(step.replace("~1", "/").replace("~0", "~"))
        return _mapping(here)


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "null")
    if isinstance(kind, str):
        return kind.lower()  # Gemini writes OBJECT, STRING …
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else "string"


def _scalar(kind: str, schema: Mapping[str, Any], name: str) -> Any:
    if kind == "boolean":
        return True
    if kind in {"integer", "number"}:
        return _number(schema, whole=kind == "integer")
    if kind != "string":
        return None
    known = _FORMATS.get(str(schema.get("format")))
    if known is not None:
        return known
    least = min(_whole(schema.get("minLength"), 0), _CHARS)
    text = f"example {name}".replace("_", " ").ljust(least, ".")
    return text[: _whole(schema.get("maxLength"), len(text))]


def _number(schema: Mapping[str, Any], *, whole: bool) -> int | float:
    step = _bound(schema, "multipleOf") or 0
    unit = step if step > 0 else 1 if whole else 0.5
    low, over = _bound(schema, "minimum"), _bound(schema, "exclusiveMinimum")
    high, under = _bound(schema, "maximum"), _bound(schema, "exclusiveMaximum")
    value = unit
    if low is not None and value < low:
        value = ceil(low / unit) * unit
    if over is not None and value <= over:
        value = (floor(over / unit) + 1) * unit
    if high is not None and value > high:
        value = floor(high / unit) * unit
    if under is not None and value >= under:
        value = (ceil(under / unit) - 1) * unit
    return int(value) if whole else value


def _bound(schema: Mapping[str, Any], key: str) -> int | float | None:
    value: Any = schema.get(key)
    return value if is_number(value) and abs(value) <= _LARGEST else None


def _items(schema: Mapping[str, Any]) -> Any:
    prefix = schema.get("prefixItems")
    return prefix[0] if isinstance(prefix, list) and prefix else schema.get("items", {})


def _whole(value: Any, default: int) -> int:
    return (
        value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _without(schema: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in keys}


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both schemas at once, as ``allOf`` means it: their properties and what they require add up."""
    joined = {**one, **other}
    if "properties" in one and "properties" in other:
        joined["properties"] = {**_mapping(one["properties"]), **_mapping(other["properties"])}
    if isinstance(one.get("required"), list) and isinstance(other.get("required"), list):
        joined["required"] = [*one["required"], *other["required"]]
    return joined
