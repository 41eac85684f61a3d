"""A vendor's JSON: what is read all the same, and what is refused."""

import pytest

from providers.shapes import ShapeError, json_object


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(rb'{"text": "42 \ud83d"}', "42 ?", id="first half of a pair"),
        pytest.param(rb'{"text": "\uDE00 42"}', "? 42", id="second half of a pair"),
        pytest.param(rb'{"text": "\ud83d\ude00\ud800"}', "\U0001f600?", id="a pair beside a half"),
        pytest.param(rb'{"text": "\ud83d\ude00"}', "\U0001f600", id="a whole pair"),
    ],
)
def test_an_escaped_half_of_a_character_is_replaced_and_the_rest_is_read(body, text):
    assert json_object(body) == {"text": text}


def test_a_lone_surrogate_in_a_key_is_replaced_as_well():
    assert json_object(rb'{"\ud800": [1, {"a": "\udc00"}]}') == {"?": [1, {"a": "?"}]}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(rb'{"text": "\ud800"', id="cut off"),
        pytest.param(rb'{"text": "\ud800", "n": NaN}', id="NaN beside a lone surrogate"),
        pytest.param(b'{"text": "\xff", "half": "\\ud800"}', id="invalid UTF-8"),
        pytest.param(rb'["\ud800"]', id="no object"),
        pytest.param(b'{"a":' * 100_000 + rb'"\ud800"' + b"}" * 100_000, id="nested without end"),
    ],
)
def test_anything_else_that_is_no_json_object_is_refused(body):
    with pytest.raises(ShapeError):
        json_object(body)
