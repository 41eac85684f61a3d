"""What counts as an error, and for whom (API.md, Environment)."""

from dataclasses import replace

import pytest

from gateway.rollout.observation import CONTROL, SHADOW
from learning.records import LEGACY_ARM, SHADOW_ARM
from tests.support.records import PLAIN, vote


def record(status=503, timeout_ms=60_000, votes=()):
    return replace(PLAIN, status=status, timeout_ms=timeout_ms, votes=tuple(votes))


DOWN = vote("server_error", down=True)
OTHER_DOWN = vote("overloaded", down=True, vendor="anthropic")
SILENT = vote("timeout", down=True)
FILTERED = vote("content_filtered")
TRUNCATED = vote("truncated")
TWO_DOWN = [DOWN, replace(DOWN, vendor="another")]


@pytest.mark.parametrize(
    ("request_record", "is_error"),
    [
        pytest.param(record(200), False, id="an answer"),
        pytest.param(record(422), False, id="a refused request"),
        pytest.param(record(429), False, id="too many requests"),
        pytest.param(record(499), False, id="a caller who hung up"),
        pytest.param(record(500), True, id="a crash of ours"),
        pytest.param(replace(record(503), code="shutting_down"), False, id="ended by a shutdown"),
        pytest.param(record(503, votes=[DOWN, DOWN]), True, id="all vendors failed"),
        pytest.param(record(504, 5_000, [SILENT]), True, id="a deadline of 5 s"),
        pytest.param(record(504, 4_999, [SILENT]), False, id="a deadline under 5 s"),
        pytest.param(record(503, votes=[FILTERED, FILTERED]), False, id="filtered by all"),
        pytest.param(record(503, votes=[TRUNCATED, FILTERED]), False, id="cut by max_tokens"),
        pytest.param(record(503, votes=[vote("rejected")]), False, id="a request no vendor takes"),
        pytest.param(record(503, votes=[FILTERED, DOWN]), True, id="filtered by one, one down"),
    ],
)
def test_an_error_is_a_5xx_of_ours_that_the_caller_did_not_cause(request_record, is_error):
    assert request_record.is_error is is_error


@pytest.mark.parametrize(
    ("request_record", "down"),
    [
        pytest.param(record(503, votes=[DOWN, OTHER_DOWN]), True, id="5xx from all"),
        pytest.param(record(504, 5_000, [SILENT, OTHER_DOWN]), True, id="silent for 5 s"),
        pytest.param(record(504, 4_999, [SILENT, OTHER_DOWN]), False, id="an impatient caller"),
        pytest.param(record(503, votes=[DOWN, FILTERED]), False, id="one only filtered"),
        pytest.param(record(200, votes=[DOWN, vote()]), False, id="one answered"),
        pytest.param(record(503, votes=[DOWN]), False, id="one vendor asked alone"),
        pytest.param(record(503, votes=[]), False, id="nobody was asked"),
        pytest.param(record(499, votes=TWO_DOWN), False, id="the caller left the third alone"),
        pytest.param(
            replace(record(503, votes=TWO_DOWN), code="shutting_down"), False, id="a shutdown did"
        ),
    ],
)
def test_all_vendors_are_down_when_each_failed_by_5xx_connection_or_5_s_of_silence(
    request_record, down
):
    assert request_record.all_vendors_down is down


@pytest.mark.parametrize(
    ("arm", "on_new_path", "is_shadow"),
    [
        pytest.param("wall_bounce", True, False, id="the new path as it is"),
        pytest.param("thrifty", True, False, id="an arm by another name"),
        pytest.param("legacy", False, False, id="the legacy path"),
        pytest.param("shadow", False, True, id="a shadow is no caller's request"),
        pytest.param(None, False, False, id="a request that got no arm"),
    ],
)
def test_the_arm_says_which_path_a_caller_s_request_took(arm, on_new_path, is_shadow):
    held = replace(PLAIN, arm=arm)
    assert (held.on_new_path, held.is_shadow) == (on_new_path, is_shadow)


def test_what_a_caller_writes_into_metadata_is_not_taken_for_a_shadow_s_agreement():
    said = {"agrees": "true"}
    assert replace(PLAIN, metadata=said).agrees is None
    assert replace(PLAIN, arm="shadow", metadata=said).agrees is True


def test_the_arms_are_called_the_same_on_every_floor():
    assert (LEGACY_ARM, SHADOW_ARM) == (CONTROL, SHADOW)
