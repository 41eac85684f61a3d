"""JSON schemas as grammars take them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.anthropic.schemas import FORMATS, MAX_DEPTH, UNHELD, grammar_of
from providers.wishes import LackError


def test_objects_are_closed_all_the_way_down_and_nothing_else_changes():
    schema = {
        "type": "object",
        "properties": {"a": {"type": "array", "minItems": 1, "items": {"properties": {}}}},
        "required": ["a"],
        "$defs": {"d": {"type": "object"}},
    }
    grammar, loosened = grammar_of(schema)
    assert grammar == {
        "type": "object",
        "properties": {
            "a": {"type": "array", "minItems": 1, "items": {"properties": {}, "additionalProperties": False}}
        },
        "required": ["a"],
        "$defs": {"d": {"type": "object", "additionalProperties": False}},
        "additionalProperties": False,
    }  # fmt: skip
    assert not loosened


@pytest.mark.parametrize(
    ("schema", "held", "said"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 9}, {"type": "integer"}, '{"minimum":1,"maximum":9}'),
        ({"type": "string", "description": "A word.", "maxLength": 3}, {"type": "string"}, 'A word. {"maxLength":3}'),
        ({"type": "string", "format": "iban"}, {"type": "string"}, '{"format":"iban"}'),
        ({"type": "array", "minItems": 2}, {"type": "array"}, '{"minItems":2}'),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"type": "object", "additionalProperties": False}, '{"additionalProperties":{"type":"string"}}'),
    ],
)  # fmt: skip
def test_what_a_grammar_cannot_hold_is_said_in_the_description(schema, held, said):
    assert grammar_of(schema) == (held | {"description": said}, True)


def test_one_of_becomes_any_of():
    assert grammar_of({"oneOf": [{"type": "null"}]}) == ({"anyOf": [{"type": "null"}]}, False)


def test_a_property_may_be_called_as_a_keyword():
    schema = {"type": "object", "properties": {"minimum": {"type": "string"}, "if": {}}}
    assert grammar_of(schema)[0]["properties"] == schema["properties"]


def test_a_schema_too_deep_to_walk_is_refused():
    schema = {"type": "string"}
    for _ in range(MAX_DEPTH + 1):
        schema = {"type": "array", "items": schema}
    with pytest.raises(LackError):
        grammar_of(schema)


keywords = st.sampled_from(
    [*UNHELD, "type", "properties", "items", "anyOf", "oneOf", "$defs", "format", "minItems", "required", "enum"]
)  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3) | st.sampled_from([*FORMATS]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keywords, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def unheld_in(schema):
    for key, value in schema.items():
        if key in UNHELD or key == "oneOf":
            yield key
        if key in {"properties", "$defs"} and isinstance(value, dict):
            inner = list(value.values())
        elif key in {"anyOf", "allOf"} and isinstance(value, list):
            inner = value
        else:
            inner = [value] if key == "items" else []
        for one in inner:
            if isinstance(one, dict):
                yield from unheld_in(one)


@given(st.dictionaries(keywords, json_values))
def test_any_schema_comes_out_without_what_no_grammar_holds(schema):
    grammar, _ = grammar_of(schema)
    assert list(unheld_in(grammar)) == []
