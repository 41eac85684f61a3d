"""Where alerts go, as the environment names it."""

import pytest

from gateway.alerts.addresses import addresses, names
from gateway.alerts.levels import Level
from gateway.environment import SettingsError, read_settings

VARIABLE = "WALLBOUNCE_ALERT_URLS"


def shown(text):
    return [(level.value, url.get_secret_value()) for level, url in addresses(text)]


@pytest.mark.parametrize("between", [" ", ",", ", ", "\n", " , "])
def test_channels_are_parted_by_spaces_or_commas(between):
    assert shown(f"warning=slack://a/b/c{between}critical=json://h/p") == [
        ("warning", "slack://a/b/c"),
        ("critical", "json://h/p"),
    ]


def test_a_comma_in_a_url_stays_in_it():
    text = "warning=mailto://u:p@h?to=a@b.c,d@e.f,emergency=json://h"
    assert shown(text)[0] == ("warning", "mailto://u:p@h?to=a@b.c,d@e.f")


def test_an_equals_sign_and_a_level_in_a_url_stay_in_it():
    assert shown("critical=json://h/?level=warning=x") == [
        ("critical", "json://h/?level=warning=x")
    ]


def test_channels_are_named_by_their_kind_and_numbered_where_there_are_several():
    given = addresses("warning=slack://a/b/c critical=slack://d/e/f critical=json://h")
    assert names(given) == ("slack", "slack-2", "json")


@pytest.mark.parametrize(
    "text",
    [
        "slack://secret/b/c",
        "loud=slack://secret/b/c",
        "warning=secret",
        "warning= critical=json://secret",
        "warning=json://secret warning=json://secret",
        "warning=json://secret json://other",
    ],
)
def test_what_is_no_channel_is_refused_by_name_and_not_shown(text):
    with pytest.raises(SettingsError) as refused:
        read_settings({VARIABLE: text}, None)
    assert f"{VARIABLE}: expected" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_url_that_apprise_does_not_understand_stops_the_start_and_shows_its_kind_only():
    urls = "warning=json://127.0.0.1:9 critical=slack://token-of-ours"
    with pytest.raises(SettingsError) as refused:
        read_settings({VARIABLE: urls}, None)
    assert "number 2, slack://…" in str(refused.value)
    assert "token" not in str(refused.value)


def test_levels_grow_louder_from_warning_to_emergency():
    assert sorted(Level, key=lambda level: level.loudness) == ["warning", "critical", "emergency"]
