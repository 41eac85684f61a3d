"""Who bears a key, and what it opens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from gateway.errors import ForbiddenError, UnauthorizedError
from gateway.guard.auth import ANONYMOUS, Keyring

CALLER, OPERATOR = "caller-key-1", "operator-key-1"


def keyring(callers=(), operators=()):
    return Keyring([SecretStr(k) for k in callers], [SecretStr(k) for k in operators])


@pytest.mark.parametrize("header", [None, "", "Bearer nonsense", "Basic abc"])
def test_without_api_keys_anybody_may_ask(header):
    assert keyring(operators=[OPERATOR]).admit_caller(header) == ANONYMOUS


BAD_HEADERS = [
    None,
    "",
    "Bearer",
    "Bearer ",
    "Bearer wrong",
    CALLER,
    f"Basic {CALLER}",
    f"Bearer {CALLER}x",
    f"Bearer {CALLER[:-1]}",
    "Bearer \udcff",
]


@pytest.mark.parametrize("header", BAD_HEADERS)
def test_with_api_keys_a_missing_or_unknown_key_is_unauthorized(header):
    with pytest.raises(UnauthorizedError):
        keyring([CALLER], [OPERATOR]).admit_caller(header)


@pytest.mark.parametrize("header", [f"Bearer {CALLER}", f"bearer {CALLER}", f"Bearer  {CALLER} "])
def test_with_api_keys_a_known_key_may_ask(header):
    assert keyring(["other", CALLER]).admit_caller(header).role == "caller"


def test_an_operator_may_ask_too():
    assert keyring([CALLER], [OPERATOR]).admit_caller(f"Bearer {OPERATOR}").role == "operator"


@pytest.mark.parametrize("header", [None, "Bearer x", f"Bearer {CALLER}", f"Bearer {OPERATOR}"])
def test_without_operator_keys_nobody_may_operate(header):
    with pytest.raises(ForbiddenError):
        keyring([CALLER]).admit_operator(header)


@pytest.mark.parametrize("header", BAD_HEADERS[:5])
def test_operating_without_a_known_key_is_unauthorized(header):
    with pytest.raises(UnauthorizedError):
        keyring([CALLER], [OPERATOR]).admit_operator(header)


def test_a_callers_key_does_not_operate():
    with pytest.raises(ForbiddenError):
        keyring([CALLER], [OPERATOR]).admit_operator(f"Bearer {CALLER}")


def test_an_operators_key_operates_even_if_it_is_a_callers_as_well():
    ring = keyring([OPERATOR], [OPERATOR])
    assert ring.admit_operator(f"Bearer {OPERATOR}").role == "operator"


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=24))
def test_no_key_shows_in_names_errors_or_dumps(key):
    ring = keyring([key], [key + "-op"])
    name = ring.admit_caller(f"Bearer {key}").name
    with pytest.raises(UnauthorizedError) as raised:
        ring.admit_operator(f"Bearer {key}-unknown")
    for shown in (name, str(raised.value), repr(vars(ring))):
        assert key not in shown


def test_a_name_is_the_same_in_every_process_and_differs_by_key():
    first = keyring([CALLER]).admit_caller(f"Bearer {CALLER}").name
    assert first == keyring(["x", CALLER]).admit_caller(f"Bearer {CALLER}").name
    assert first != keyring(["x"]).admit_caller("Bearer x").name
