"""A key is shown nowhere, however it is written."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.try_secrets import MASK, Secrets, secrets_of
from gateway.environment import read_settings

keys = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=80)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(keys, texts, texts)
def test_a_key_is_masked_plain_and_as_json_and_urls_write_it(key, before, after):
    hide = Secrets([key]).hide
    for form in (key, json.dumps(key)[1:-1], quote(key, safe=""), quote(key), quote(key, safe="+")):
        assert form not in hide(before + form + after)
        assert MASK in hide(before + form + after)


@given(keys, texts, st.integers(6, 79))
def test_of_a_key_that_is_cut_off_no_part_stays(key, before, length):
    part = key[: min(length, len(key))]
    shown = Secrets([key]).hide(before + part)
    assert not shown.endswith(part) or part in MASK


@given(keys)
def test_escapes_by_number_are_the_same_characters(key):
    escaped = "".join(f"\\u{ord(character):04X}" for character in key)
    assert Secrets([key]).hide(f'"{escaped}"') == f'"{MASK}"'


def test_what_holds_no_key_stays_as_it_is():
    assert Secrets(["sk-12345678", "k"]).hide("kind sk-1 words") == "kind sk-1 words"
    assert Secrets([]).hide("all of it") == "all of it"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer anything", "Bearer [key]"),
        ("X-Api-Key", "anything", "[key]"),
        ("set-cookie", "session=1", "[key]"),
        ("x-request-id", "req_1", "req_1"),
        ("x-echo", "sk-12345678", "[key]"),
    ],
)
def test_headers_that_bear_keys_are_masked_by_their_name(name, value, shown):
    assert Secrets(["sk-12345678"]).header(name, value) == shown


def test_the_settings_keys_passwords_in_urls_and_what_the_environment_calls_a_key_are_known():
    environ = {
        "OPENAI_API_KEY": "sk-of-openai",
        "WALLBOUNCE_PROXY": "http://me:proxy-password@proxy:3128",
        "MISTRAL_API_KEY": "mistral-key",
        "HOME": "/home/anybody",
    }
    hide = secrets_of(read_settings(environ, None), environ).hide
    said = hide("sk-of-openai proxy-password mistral-key /home/anybody")
    assert said == f"{MASK} {MASK} {MASK} /home/anybody"
