"""Settings: what is read from where, and what a wrong value earns."""

import pytest

from gateway.environment import SettingsError, read_settings
from gateway.settings import HOT_VARIABLES


def test_without_any_variable_the_documented_defaults_hold():
    settings = read_settings({}, None)
    assert settings.rollout.error_rate_warning == 0.015
    assert settings.consensus.confidence_min == 0.7
    assert settings.rollout.error_rate_rollback == 0.03
    assert settings.rollout.latency_rollback.total_seconds() == 10


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        pytest.param("USE_SRP_WALL_BOUNCE", "maybe", "true or false", id="a boolean that is none"),
        pytest.param("LEARNING_STEERING", "FULL", "expected off, weights or full,", id="no choice"),
        pytest.param(
            "SRP_ROLLOUT_ADVANCE", "by hand", "expected manual or automatic,", id="nor one"
        ),
        pytest.param("SRP_TRAFFIC_PERCENTAGE", "101", "from 0 to 100", id="more than all"),
        pytest.param("SRP_TRAFFIC_PERCENTAGE", "-1", "from 0 to 100", id="less than nothing"),
        pytest.param("SRP_TRAFFIC_PERCENTAGE", "nan", "from 0 to 100", id="not a number"),
        pytest.param("SRP_TRAFFIC_PERCENTAGE", "ten", "from 0 to 100", id="a word"),
        pytest.param(
            "SRP_ERROR_RATE_THRESHOLD", "1.5", "from 0 to 1", id="a percent as a fraction"
        ),
        pytest.param("CONSENSUS_CONFIDENCE_MIN", "70", "from 0 to 1", id="confidence in percent"),
        pytest.param("AUTO_ROLLBACK_ERROR_RATE", "inf", "from 0 to 1", id="infinity"),
        pytest.param("AUTO_ROLLBACK_LATENCY_MS", "0", "milliseconds", id="a latency of nothing"),
        pytest.param("AUTO_ROLLBACK_LATENCY_MS", "10s", "milliseconds", id="a unit"),
        pytest.param("OPENAI_BASE_URL", "localhost:80", "http or https", id="a URL without scheme"),
        pytest.param("GEMINI_BASE_URL", "http://", "http or https", id="a URL without host"),
        pytest.param("ANTHROPIC_BASE_URL", "http://a:99999", "http or https", id="no such port"),
        pytest.param("REDIS_URL", "http://localhost", "redis://", id="not Redis"),
        pytest.param("REDIS_URL", "redis://:a#b@host", "redis://", id="a # in Redis's password"),
        pytest.param("REDIS_URL", "redis://host/a/0", "redis://", id="no database of Redis"),
        pytest.param(
            "DATABASE_URL", "mysql://u@h/d", "sqlite or postgresql", id="another database"
        ),
        pytest.param(
            "WALLBOUNCE_MAX_IN_FLIGHT", "0", "whole number from 1", id="no request at all"
        ),
        pytest.param("WALLBOUNCE_MAX_IN_FLIGHT", "1.5", "whole number from 1", id="half a request"),
        pytest.param(
            "WALLBOUNCE_LEGACY_CHAIN", "gpt,gpt", "different names", id="one vendor twice"
        ),
        pytest.param("CONSENSUS_WEIGHTS", "gpt=0", "name=number", id="a weight of nothing"),
        pytest.param("CONSENSUS_WEIGHTS", "gpt", "name=number", id="a name without weight"),
        pytest.param("AUTO_ROLLBACK_MIN_REQUESTS", "2001", "from 1 to 2000", id="never met"),
        pytest.param("AUTO_ROLLBACK_MIN_REQUESTS", "0", "from 1 to 2000", id="nothing judged"),
        pytest.param("AUTO_ROLLBACK_WINDOW_SECONDS", "0", "seconds from 1", id="a window of none"),
        pytest.param("SRP_EXPERIMENT", "a b", "letters, digits", id="a salt with a blank"),
        pytest.param("SRP_ROLLOUT_PLAN", "standrad", "standard, conser", id="a mistyped preset"),
        pytest.param("SRP_ROLLOUT_PLAN", "plan.json", ".yaml file", id="another kind of file"),
        pytest.param("SRP_ROLLOUT_ADVANCE", "auto", "manual or automatic", id="half a word"),
        pytest.param("SRP_MARGIN_ERROR_RATE", "1.1", "from 0 to 1", id="a margin in percent"),
        pytest.param("SRP_MARGIN_QUALITY", "-0.1", "from 0 to 1", id="a margin below 0"),
        pytest.param("SRP_MARGIN_LATENCY", "0", "from 0.1 to 1000", id="no time at all"),
        pytest.param("SRP_MARGIN_COST", "5x", "from 0.1 to 1000", id="a ratio with its sign"),
        pytest.param("SRP_ROLLBACK_ALPHA", "0", "above 0", id="never a false alarm"),
        pytest.param("SRP_ROLLBACK_ALPHA", "0.5", "at most 0.2", id="every other a false alarm"),
        pytest.param(
            "SRP_SHADOW_PERCENTAGE", "120", "from 0 to 100", id="more shadows than things"
        ),
        pytest.param("SRP_SHADOW_MAX_IN_FLIGHT", "0", "from 1", id="no shadow at once"),
        pytest.param("WALLBOUNCE_LEGACY_CHAIN", "gpt,who", "among gpt", id="an unknown vendor"),
        pytest.param("CONSENSUS_WEIGHTS", "who=2", "among gpt", id="a stranger's weight"),
        pytest.param("WALLBOUNCE_JUDGES", "gpt,who", "among gpt", id="a stranger as judge"),
        pytest.param("WALLBOUNCE_JUDGES", "gpt,gpt", "different names", id="one judge twice"),
        pytest.param("WALLBOUNCE_EXTRA_PROVIDERS", "gpt=a/b", "other than gpt", id="a taken name"),
        pytest.param("WALLBOUNCE_API_KEYS", ",", "separated by commas", id="no key at all"),
        pytest.param("WALLBOUNCE_LOG_LEVEL", "loud", "debug, info", id="no such level"),
    ],
)
def test_a_value_that_makes_no_sense_is_named_with_what_is_allowed_and_what_was_found(
    variable, value, allowed
):
    with pytest.raises(SettingsError) as refused:
        read_settings({variable: value}, None)
    (line,) = refused.value.lines
    assert line.startswith(f"{variable}: expected ")
    assert allowed in line
    if not variable.endswith(("DATABASE_URL", "REDIS_URL", "API_KEYS")):
        assert any(repr(part) in line for part in (value, *value.replace("=", ",").split(",")))


@pytest.mark.parametrize("variable", ["OPENAI_API_KEY", "WALLBOUNCE_API_KEYS", "DATABASE_URL"])
def test_a_wrong_secret_is_never_shown(variable):
    with pytest.raises(SettingsError) as refused:
        read_settings({variable: "se cret\x01"}, None)
    assert "se cret" not in str(refused.value)


def test_secrets_do_not_show_in_the_settings_own_words():
    settings = read_settings({"OPENAI_API_KEY": "sk-1234", "WALLBOUNCE_API_KEYS": "k-5678"}, None)
    assert "sk-1234" not in repr(settings)
    assert "k-5678" not in repr(settings)


def test_every_wrong_variable_gets_its_own_line():
    with pytest.raises(SettingsError) as refused:
        read_settings({"SRP_TRAFFIC_PERCENTAGE": "x", "AUTO_ROLLBACK_ERROR_RATE": "y"}, None)
    assert len(refused.value.lines) == 2


def test_the_environment_wins_over_the_file(tmp_path):
    (tmp_path / ".env").write_text("OPENAI_MODEL=from-file\n")
    settings = read_settings({"OPENAI_MODEL": "from-process"}, tmp_path / ".env")
    assert settings.vendors.openai_model == "from-process"


@pytest.mark.parametrize("variable", ["SRP_TRAFFIC_PERCENTAGE", "CONSENSUS_CONFIDENCE_MIN"])
def test_for_hot_variables_the_file_wins_over_the_environment(tmp_path, variable):
    assert variable in HOT_VARIABLES
    (tmp_path / ".env").write_text(f"{variable}=1\n")
    settings = read_settings({variable: "0.5"}, tmp_path / ".env")
    assert 1.0 in (settings.rollout.percentage, settings.consensus.confidence_min)


def test_the_last_of_duplicate_lines_wins(tmp_path):
    (tmp_path / ".env").write_text("SRP_TRAFFIC_PERCENTAGE=10\nSRP_TRAFFIC_PERCENTAGE=35\n")
    assert read_settings({}, tmp_path / ".env").rollout.percentage == 35


def test_a_variable_set_to_nothing_is_not_set():
    settings = read_settings({"REDIS_URL": "", "SRP_TRAFFIC_PERCENTAGE": " "}, None)
    assert settings.rollout.percentage == 100


def test_gemini_s_key_is_read_under_either_name():
    assert read_settings({"GEMINI_API_KEY": "g"}, None).google_key.get_secret_value() == "g"
    both = {"GEMINI_API_KEY": "g", "GOOGLE_API_KEY": "h"}
    assert read_settings(both, None).google_key.get_secret_value() == "h"


def test_variables_of_others_are_none_of_our_business():
    read_settings({"WALLBOUNCE_EVAL_DATA": "/anywhere", "PATH": "/bin"}, None)


def test_a_warning_set_above_the_rollback_s_limit_is_refused():
    both = {"SRP_ERROR_RATE_THRESHOLD": "0.5", "AUTO_ROLLBACK_ERROR_RATE": "0.03"}
    with pytest.raises(SettingsError, match="at most AUTO_ROLLBACK_ERROR_RATE"):
        read_settings(both, None)


def test_a_limit_below_the_warning_s_default_is_nobody_s_mistake():
    read_settings({"AUTO_ROLLBACK_ERROR_RATE": "0.001"}, None)
