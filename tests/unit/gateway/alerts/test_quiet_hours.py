"""The hours in which warnings wait, by the clocks of a place."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.alerts.quiet_hours import quiet_hours


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        pytest.param("2026-01-01T12:59:59", False, id="21:59:59 in Tokyo"),
        pytest.param("2026-01-01T13:00:00", True, id="22:00 in Tokyo"),
        pytest.param("2026-01-01T20:00:00", True, id="5:00 in Tokyo, over midnight"),
        pytest.param("2026-01-01T21:59:59", True, id="6:59:59 in Tokyo"),
        pytest.param("2026-01-01T22:00:00", False, id="7:00 in Tokyo"),
    ],
)
def test_hours_are_those_of_their_time_zone_and_may_go_over_midnight(moment, quiet):
    assert quiet_hours("22:00-07:00 Asia/Tokyo").covers(at(moment)) == quiet


def test_hours_of_one_day_end_on_it_and_without_a_zone_they_are_utc():
    hours = quiet_hours("12:00-13:30")
    assert [hours.covers(at(f"2026-01-01T{t}")) for t in ("11:59", "12:00", "13:29", "13:30")] == [
        False,
        True,
        True,
        False,
    ]
    assert str(hours) == "12:00-13:30 UTC"


def test_the_hours_follow_the_clocks_when_these_change():
    hours = quiet_hours("22:00-07:00 Europe/Berlin")
    assert hours.covers(at("2026-01-15T05:30"))  # 6:30 in winter
    assert not hours.covers(at("2026-07-15T05:30"))  # 7:30 in summer


@pytest.mark.parametrize(
    "text",
    [
        "22-7",
        "22:00",
        "25:00-07:00",
        "22:60-07:00",
        "22:00-22:00",
        "22:00-07:00 Asia/Atlantis",
        "22:00-07:00 ../../etc/passwd",
        "22:00-07:00 Asia",
        "",
    ],
)
def test_what_is_no_hours_or_no_place_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        quiet_hours(text)


@given(
    start=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    end=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    zone=st.sampled_from(["UTC", "Asia/Tokyo", "Asia/Kathmandu"]),
    moment=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - hypothesis adds it
)
def test_hours_and_the_rest_of_the_day_part_the_day(start, end, zone, moment):
    if start == end:
        return
    moment = moment.replace(tzinfo=UTC)
    hours = quiet_hours(f"{start:%H:%M}-{end:%H:%M} {zone}")
    rest = quiet_hours(f"{end:%H:%M}-{start:%H:%M} {zone}")
    assert hours.covers(moment) != rest.covers(moment)
    assert hours.covers(moment) == hours.covers(moment + timedelta(days=1))
    assert quiet_hours(str(hours)) == hours
