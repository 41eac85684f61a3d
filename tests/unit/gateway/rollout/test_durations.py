"""Durations as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rollout.durations import duration_of, duration_text


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("90s", timedelta(seconds=90)),
        ("1h30m", timedelta(minutes=90)),
        ("7d", timedelta(days=7)),
        ("0s", timedelta(0)),
        (" 10m ", timedelta(minutes=10)),
        ("0.25s", timedelta(milliseconds=250)),
    ],
)
def test_a_number_with_its_unit_is_a_duration(text, duration):
    assert duration_of(text) == duration


@pytest.mark.parametrize(
    "text", ["", "30", "soon", "-5m", "5 m", "1m1h", "1.5h", "5min", "m", "٣m", "1h\n2m"]
)
def test_what_has_no_unit_or_another_is_none(text):
    with pytest.raises(ValueError, match="expected a duration such as 30m"):
        duration_of(text)


@given(st.timedeltas(timedelta(0), timedelta(days=900_000)))
def test_a_duration_written_is_read_back(duration):
    assert duration_of(duration_text(duration)) == duration


def test_a_duration_is_written_in_its_largest_units():
    assert duration_text(timedelta(hours=26, seconds=5)) == "1d2h5s"
