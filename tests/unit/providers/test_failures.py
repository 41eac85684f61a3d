"""Vendors' failed replies: which error, which wait, and which of their words are safe to show."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import errors
from providers.failures import (
    MAX_MESSAGE_CHARS,
    failure_of_error,
    failure_of_reply,
    retry_after_s,
    safe_message,
)

NOW = 1_800_000_000.0
"""2027-01-15T08:00:00Z."""


def failure(status, error, headers=None, **how):
    body = json.dumps({"error": error}).encode()
    return failure_of_reply("p", status, headers or {}, body, now=NOW, **how)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"type": "overloaded_error"}, errors.OverloadedError),
        ({"type": "rate_limit_error"}, errors.RateLimitedError),
        ({"type": "api_error"}, errors.ServerError),
        ({"type": "authentication_error"}, errors.AuthenticationFailedError),
        ({"type": "invalid_request_error"}, errors.RejectedRequestError),
        ({"code": "insufficient_quota"}, errors.RateLimitedError),
        ({"code": 503, "status": "UNAVAILABLE"}, errors.OverloadedError),
        ({"status": "RESOURCE_EXHAUSTED"}, errors.RateLimitedError),
        ({"code": "content_filter"}, errors.FilteredReplyError),
        ({"type": "a word nobody knows"}, errors.ServerError),
        ({"code": {"odd": 1}, "type": ["odd"]}, errors.ServerError),
    ],
)
def test_an_error_inside_a_stream_is_told_by_the_vendors_own_word(error, kind):
    assert type(failure_of_error("p", error)) is kind


def test_a_prompt_the_vendor_filters_is_filtered_though_it_comes_as_a_400():
    filtered = failure(400, {"code": "content_filter", "message": "The prompt was filtered"})
    assert type(filtered) is errors.FilteredReplyError


def test_googles_word_for_a_bad_key_is_unauthorized_though_it_comes_as_a_400():
    error = {"code": 400, "message": "bad", "details": [{"reason": "API_KEY_INVALID"}]}
    assert type(failure(400, error)) is errors.AuthenticationFailedError


def test_a_redirect_is_a_rejected_request():
    moved = failure_of_reply("p", 301, {}, b"", now=NOW)
    assert type(moved) is errors.RejectedRequestError


def test_a_vendor_that_gave_up_waiting_may_be_asked_again():
    assert failure(408, {"message": "Request timed out"}).retryable


def test_a_proxy_that_wants_other_credentials_is_our_matter_and_not_the_callers():
    refused = failure_of_reply("p", 407, {}, b"", now=NOW)
    assert type(refused) is errors.AuthenticationFailedError


def test_another_success_than_200_is_malformed():
    assert type(failure_of_reply("p", 204, {}, b"", now=NOW)) is errors.MalformedReplyError


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30.0),
        ({"retry-after": "Fri, 15 Jan 2027 07:00:00 GMT"}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_the_wait_asked_for_is_read_from_numbers_and_dates(headers, seconds):
    assert retry_after_s(headers, NOW) == seconds


def test_geminis_wait_is_read_from_the_body():
    error = {
        "code": 429,
        "message": "quota",
        "details": [{"@type": "…RetryInfo", "retryDelay": "34s"}],
    }
    assert failure(429, error).retry_after_s == 34.0


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcdefghij",
        "sk-ant-api03-AbC_dEf-123",
        "AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "sk-abcd********wxyz",
        "Bearer abcdef.ghijkl",
        "0123456789abcdef0123456789abcdef",
    ],
)
def test_what_looks_like_a_key_is_masked(secret):
    shown = safe_message(f"Incorrect key provided: {secret}. Try another.")
    assert secret.split()[-1] not in shown
    assert shown.startswith("Incorrect key provided: [key]")


def test_the_key_in_use_is_masked_whatever_it_looks_like():
    assert "hunter2" not in failure(401, {"message": "no: hunter2"}, secret="hunter2").message


def test_ordinary_words_are_left_alone():
    words = "This model's maximum context length is 128000 tokens, 130000 were given (gpt-4o)."
    assert safe_message(words) == words


@given(
    st.text(), st.sampled_from(["https://a.test/k=1", "http://10.0.0.1:80", "postgres://u:p@h/d"])
)
def test_no_message_is_long_or_multi_line_or_holds_an_address(text, url):
    shown = safe_message(f"{text}\n{url} {text}")
    assert len(shown) <= MAX_MESSAGE_CHARS
    assert "\n" not in shown
    assert url not in shown


@given(st.binary(max_size=200), st.integers(min_value=201, max_value=599))
def test_any_body_at_all_makes_some_error(body, status):
    error = failure_of_reply("p", status, {}, body, now=NOW)
    assert error.status == status
