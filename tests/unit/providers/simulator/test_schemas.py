"""What a simulated model writes where a schema says what to write."""

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.simulator.schemas import example, json_answer

NAMES = st.sampled_from(["answer", "city", "count", "steps", "when"])


def an_object(inner):
    return st.dictionaries(NAMES, inner, max_size=3).flatmap(
        lambda offered: st.builds(
            lambda required: {"type": "object", "properties": offered, "required": required},
            st.just(sorted(offered)) | st.just([]),
        )
    )


leaves = st.one_of(
    st.sampled_from(["string", "boolean", "null", ["string", "null"]]).map(lambda t: {"type": t}),
    st.builds(
        lambda low, room: {"type": "integer", "minimum": low, "maximum": low + room},
        st.integers(-50, 50),
        st.integers(0, 5),
    ),
    st.builds(
        lambda low, step: {"type": "number", "exclusiveMinimum": low, "multipleOf": step},
        st.integers(-5, 5),
        st.sampled_from([0.5, 0.25, 3]),
    ),
    st.builds(
        lambda low, room: {"type": "string", "minLength": low, "maxLength": low + room},
        st.integers(0, 30),
        st.integers(0, 5),
    ),
    st.lists(st.integers(-3, 3) | st.text(max_size=3), min_size=1, max_size=3).map(
        lambda values: {"enum": values}
    ),
)
schemas = st.recursive(
    leaves,
    lambda inner: (
        an_object(inner)
        | st.builds(
            lambda item, low: {"type": "array", "items": item, "minItems": low},
            inner,
            st.integers(0, 3),
        )
        | st.lists(inner, min_size=1, max_size=2).map(lambda options: {"anyOf": options})
    ),
    max_leaves=6,
)


@given(schemas)
def test_an_example_is_of_the_shape_its_schema_asks_for(schema):
    jsonschema.validate(example(schema), schema)


@given(an_object(schemas), st.text(max_size=20))
def test_a_json_answer_is_of_the_shape_its_schema_asks_for(schema, answer):
    jsonschema.validate(json.loads(json_answer(schema, answer)), schema)


def test_a_schema_may_refer_to_its_own_parts_and_to_itself():
    schema = {
        "type": "object",
        "properties": {"first": {"$ref": "#/$defs/step"}},
        "required": ["first"],
        "$defs": {
            "step": {
                "type": "object",
                "properties": {"why": {"type": "string"}, "next": {"anyOf": [{"type": "null"}]}},
                "required": ["why", "next"],
            }
        },
    }
    assert example(schema) == {"first": {"why": "example why", "next": None}}
    endless = {"type": "object", "properties": {"me": {"$ref": "#"}}, "required": ["me"]}
    assert isinstance(example(endless), dict)


def test_a_schema_that_is_nothing_but_itself_describes_nothing():
    assert example({"allOf": [{"$ref": "#"}, {"$ref": "#"}]}) is None


def test_parts_that_have_to_hold_at_once_add_up():
    schema = {
        "type": "object",
        "allOf": [
            {"properties": {"a": {"const": 1}}, "required": ["a"]},
            {"properties": {"b": {"const": 2}}, "required": ["b"]},
        ],
    }
    assert example(schema) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("format_", "value"), [("date", "2026-01-01"), ("email", "someone@example.com")]
)
def test_a_string_of_a_known_format_has_it(format_, value):
    assert example({"type": "string", "format": format_}) == value


def test_only_what_is_required_is_written_and_everything_where_nothing_is_said():
    offered = {"a": {"type": "integer"}, "b": {"type": "integer"}}
    assert example({"properties": offered, "required": ["b"]}) == {"b": 1}
    assert example({"properties": offered}) == {"a": 1, "b": 1}


def test_geminis_words_for_types_are_understood():
    assert example({"type": "OBJECT", "properties": {"n": {"type": "INTEGER"}}}) == {"n": 1}


def test_an_array_of_millions_does_not_take_the_simulator_down():
    schema = {"type": "array", "minItems": 10**9, "items": {"type": "array", "minItems": 10**9}}
    assert len(json.dumps(example(schema))) < 100_000


def test_the_answer_goes_where_the_schema_has_room_for_it():
    schema = {
        "type": "object",
        "properties": {
            "topic": {"type": "string"},
            "answer": {"type": "string"},
            "sure": {"type": "boolean"},
        },
        "required": ["topic", "answer", "sure"],
    }
    assert json.loads(json_answer(schema, "It is 42.")) == {
        "topic": "example topic",
        "answer": "It is 42.",
        "sure": True,
    }


def test_without_a_schema_an_answer_becomes_an_object_unless_it_is_one():
    assert json_answer(None, "It is 42.") == '{"answer":"It is 42."}'
    assert json_answer(None, '{"n": 42}') == '{"n": 42}'


@pytest.mark.parametrize("keyword", ["minLength", "minItems"])
def test_a_length_that_no_memory_holds_is_not_reached(keyword):
    assert len(json.dumps(example({keyword: 10**12, "items": {}}))) < 50_000
    assert len(json.dumps(example({keyword: 10**12}))) < 50_000


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([
                    "type", "properties", "required", "enum", "items", "anyOf", "allOf", "$ref",
                    "minItems", "minLength", "minimum", "multipleOf", "const",
                ]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    )
)  # fmt: skip
def test_no_schema_however_odd_takes_the_simulator_down(schema):
    json.dumps(example(schema))
    if isinstance(schema, dict):
        json.loads(json_answer(schema, "yes"))
