"""Which version of Anthropic's API the settings ask for, and who is told."""

from typing import get_args

import pytest

from gateway.configuration import specs_of
from gateway.environment import SettingsError, read_settings
from gateway.setting_types import ANTHROPIC_VERSIONS
from providers.anthropic import DEFAULT_VERSION, Version


def versions(**variables):
    keys = {"ANTHROPIC_API_KEY": "sk-1", "OPENAI_API_KEY": "sk-2"}
    return {spec.name: spec.version for spec in specs_of(read_settings(keys | variables, None))}


def test_claude_alone_is_told_the_version_the_usual_one_if_nobody_says():
    assert versions() == {"gpt": None, "claude": DEFAULT_VERSION}
    assert versions(ANTHROPIC_VERSION="2026-10-21") == {"gpt": None, "claude": "2026-10-21"}


def test_a_version_that_we_do_not_speak_is_refused_with_those_that_we_do():
    with pytest.raises(SettingsError) as caught:
        versions(ANTHROPIC_VERSION="2023-01-01")
    [line] = caught.value.lines
    assert "ANTHROPIC_VERSION" in line
    assert "2023-06-01 or 2026-10-21" in line


def test_the_settings_know_the_versions_that_the_adapter_speaks():
    assert get_args(Version) == ANTHROPIC_VERSIONS
