"""What goes into the log, and what never does."""

import io
import json
import logging
import warnings

import pytest
import structlog
from pydantic import BaseModel, SecretStr

from gateway.monitoring.logs import FORBIDDEN_FIELDS, configure_logging

PROMPT = "What is my diagnosis? 私の病名は?"
ANSWER = "You are well. お元気です。"
OUR_KEY = "plain-looking-operator-key"
VENDOR_KEYS = (
    "sk-proj-abcdefghijklmnop123456",
    "sk-ant-api03-abcdefghijklmnop",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
)
NEVER = (PROMPT, ANSWER, OUR_KEY, *VENDOR_KEYS, "diagnosis", "病名")


@pytest.fixture
def log():
    """Logging into a buffer; whatever was configured before is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(stream, level="info", instance="i-1", secrets=[SecretStr(OUR_KEY)])
    yield stream
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().split("\n") if line]


def test_a_line_says_when_how_bad_what_where_and_in_which_request(log):
    structlog.contextvars.bind_contextvars(request_id="01J")
    structlog.get_logger().warning("rollout_changed", stage="0")
    (line,) = lines(log)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "warning",
        "event": "rollout_changed",
        "request_id": "01J",
        "instance": "i-1",
        "stage": "0",
    }


def test_other_libraries_lines_look_the_same(log):
    structlog.contextvars.bind_contextvars(request_id="01J")
    logging.getLogger("some.library").warning("lost %s of %d", "2", 3)
    (line,) = lines(log)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "warning",
        "event": "lost 2 of 3",
        "logger": "some.library",
        "request_id": "01J",
        "instance": "i-1",
    }


def test_uvicorns_access_lines_keep_neither_the_query_nor_the_address(log):
    logging.getLogger("uvicorn.access").info(
        '%s - "%s %s HTTP/%s" %d', "10.1.2.3:9", "GET", f"/metrics?q={OUR_KEY}&p=x", "1.1", 200
    )
    (line,) = lines(log)
    assert (line["event"], line["method"], line["path"], line["status"]) == (
        "http_request",
        "GET",
        "/metrics",
        200,
    )
    assert "10.1.2.3" not in log.getvalue()
    assert "p=x" not in log.getvalue()


def test_lines_below_the_level_and_vendors_urls_are_left_out(log):
    structlog.get_logger().debug("too_fine")
    logging.getLogger("httpx").info("HTTP Request: POST https://vendor/v1?key=x")
    logging.getLogger("uvicorn.error").debug("too fine")
    assert lines(log) == []


@pytest.mark.parametrize("field", sorted(FORBIDDEN_FIELDS))
def test_a_field_that_carries_contents_is_removed_wherever_it_is(log, field):
    structlog.get_logger().info("e", **{field: PROMPT} if field != "event" else {})
    structlog.get_logger().info("e", nested={"deeper": [{field.upper(): PROMPT}]})
    shown = log.getvalue()
    assert len(lines(log)) == 2
    for word in NEVER:
        assert word not in shown


@pytest.mark.parametrize(
    "text",
    [
        *VENDOR_KEYS,
        OUR_KEY,
        f"Authorization: Bearer {VENDOR_KEYS[0]}",
        "Authorization: bearer an.opaque.token",
        f"https://generativelanguage.googleapis.com/v1?key={VENDOR_KEYS[2]}&alt=sse",
        "https://example.org/x?api_key=opaque",
        "postgresql+asyncpg://wallbounce:opaque@db/wallbounce",
    ],
)
def test_keys_are_scrubbed_from_whatever_field_or_message_they_turn_up_in(log, text):
    structlog.get_logger().error(f"failed: {text}", detail=text, parts=[text], by={"x": text})
    logging.getLogger("lib").error("failed: %s", text)
    shown = log.getvalue()
    for word in (*NEVER, "opaque"):
        assert word not in shown
    assert shown.count("failed") == 2


class Body(BaseModel):
    prompt: int


def test_an_exception_shows_its_types_and_place_and_not_what_it_could_not_parse(log):
    def handle():
        try:
            Body(prompt=PROMPT)
        except ValueError as error:
            raise RuntimeError(f"while answering {PROMPT}") from error

    try:
        handle()
    except RuntimeError:
        structlog.get_logger().exception("request_failed")
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    for line in lines(log):
        assert line["exception"] == "RuntimeError"
        assert line["causes"] == ["ValidationError"]
        assert line["frames"][-1].startswith("test_logs.py:")
        assert line["frames"][-1].endswith(" handle")
    assert len(lines(log)) == 2
    for word in NEVER:
        assert word not in log.getvalue()


def test_an_exception_or_a_secret_passed_as_a_field_shows_its_type_only(log):
    structlog.get_logger().error("e", error=ValueError(PROMPT), held=SecretStr("hidden-away"))
    assert lines(log)[0]["error"] == "ValueError"
    assert "hidden-away" not in log.getvalue()
    for word in NEVER:
        assert word not in log.getvalue()


def test_another_librarys_line_is_cut_short(log):
    logging.getLogger("lib").error("x" * 100_000)
    assert len(lines(log)[0]["event"]) == 500


def test_warnings_arrive_as_lines_too(log):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old ways", UserWarning, stacklevel=1)
    assert "old ways" in lines(log)[0]["event"]


def test_a_line_is_one_line_whatever_it_holds(log):
    structlog.get_logger().info("first\nsecond", odd=float("nan"), name="日本\u2028語")
    assert len(log.getvalue().split("\n")) == 2
    assert lines(log)[0]["name"] == "日本\u2028語"
