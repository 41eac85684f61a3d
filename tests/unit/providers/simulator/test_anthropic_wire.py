"""Anthropic's protocol as its clients meet it: shapes, events, usage, refusals of bad requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.simulator.anthropic_wire import AnthropicWire
from providers.simulator.wire import Head, RefusedRequestError, dumps
from tests.unit.providers.simulator.streams import data_of, text_of

SUM = "What is 17 + 25?"
SAID = "Adding the tens gives 30 and the ones give 12, so the total is 42."
TURN = {"role": "user", "content": SUM}
HEADERS = {"x-api-key": "sk-ant-test", "anthropic-version": "2023-06-01"}


def post(caller, body, headers=HEADERS):
    return caller.client.post(
        f"{caller.simulator.anthropic_url}/v1/messages", json=body, headers=headers
    )


def test_a_message_has_anthropics_shape(caller):
    reply = caller.ask("claude", SUM)
    body = reply.json()
    assert reply.status_code == 200
    assert reply.headers["request-id"].startswith("req_")
    assert body["id"].startswith("msg_")
    assert (body["type"], body["role"], body["model"]) == (
        "message",
        "assistant",
        "claude-sonnet-4-5",
    )
    assert body["content"] == [{"type": "text", "text": SAID}]
    assert (body["stop_reason"], body["stop_sequence"]) == ("end_turn", None)
    assert body["usage"]["input_tokens"] > 0
    assert body["usage"]["output_tokens"] > 0


def test_only_a_marked_prefix_is_cached_and_counted_apart(caller):
    system = [
        {"type": "text", "text": "Mind the rules. " * 500, "cache_control": {"type": "ephemeral"}}
    ]
    written, read = (caller.ask("claude", SUM, system=system).json()["usage"] for _ in range(2))
    assert written["cache_creation_input_tokens"] >= 1024
    assert written["cache_read_input_tokens"] == 0
    assert read["cache_creation_input_tokens"] == 0
    assert read["cache_read_input_tokens"] == written["cache_creation_input_tokens"]
    assert read["input_tokens"] == written["input_tokens"] < 20


def test_an_unmarked_prompt_is_never_cached(caller):
    usages = [
        caller.ask("claude", SUM, system="Mind the rules. " * 500).json()["usage"] for _ in range(2)
    ]
    assert all(
        u["cache_read_input_tokens"] == u["cache_creation_input_tokens"] == 0 for u in usages
    )


def test_max_tokens_cut_the_reply_and_say_so(caller):
    body = caller.ask("claude", SUM, max_tokens=5).json()
    assert body["stop_reason"] == "max_tokens"
    assert body["usage"]["output_tokens"] == 5
    assert SAID.startswith(body["content"][0]["text"])


def test_thinking_is_a_block_of_its_own_before_the_text(caller):
    body = caller.ask(
        "claude", SUM, max_tokens=4000, thinking={"type": "enabled", "budget_tokens": 2000}
    ).json()
    assert [b["type"] for b in body["content"]] == ["thinking", "text"]
    assert body["content"][0]["signature"]
    assert (
        body["usage"]["output_tokens"] > caller.ask("claude", SUM).json()["usage"]["output_tokens"]
    )


def test_a_refusal_of_the_model_is_text(caller):
    body = caller.ask(
        "claude", "Is a resting heart rate of 70 beats per minute normal for a healthy adult?"
    ).json()
    assert body["stop_reason"] == "end_turn"
    assert "not able to give medical" in body["content"][0]["text"]


def test_a_stream_is_anthropics_sequence_of_events(caller):
    reply = caller.ask("claude", SUM, stream=True)
    events = data_of(reply.text)
    named = [
        line.removeprefix("event: ")
        for line in reply.text.splitlines()
        if line.startswith("event: ")
    ]
    kinds = [e["type"] for e in events]
    deltas = kinds.count("content_block_delta")
    assert named == kinds
    assert kinds == [
        "message_start", "content_block_start", "ping", *["content_block_delta"] * deltas,
        "content_block_stop", "message_delta", "message_stop",
    ]  # fmt: skip
    assert deltas > 2
    assert text_of("claude", events) == SAID


def test_a_streams_usage_is_split_over_start_and_end(caller):
    whole = caller.ask("claude", SUM).json()["usage"]
    events = data_of(caller.ask("claude", SUM, stream=True).text)
    assert events[0]["message"]["usage"]["input_tokens"] == whole["input_tokens"]
    assert events[-2]["usage"]["output_tokens"] == whole["output_tokens"]
    assert events[-2]["delta"]["stop_reason"] == "end_turn"


def test_streamed_thinking_comes_in_its_own_block_with_a_signature(caller):
    thinking = {"type": "enabled", "budget_tokens": 2000}
    events = data_of(
        caller.ask("claude", SUM, stream=True, max_tokens=4000, thinking=thinking).text
    )
    deltas = [
        (e["index"], e["delta"]["type"]) for e in events if e["type"] == "content_block_delta"
    ]
    assert deltas[:2] == [(0, "thinking_delta"), (0, "signature_delta")]
    assert set(deltas[2:]) == {(1, "text_delta")}


def test_anthropics_clients_get_anthropics_list_of_models(caller):
    listed = caller.client.get(
        f"{caller.simulator.anthropic_url}/v1/models", headers=HEADERS
    ).json()
    assert all(m["type"] == "model" and m["id"].startswith("claude-") for m in listed["data"])


@pytest.mark.parametrize(
    ("headers", "status", "kind"),
    [
        pytest.param({"anthropic-version": "2023-06-01"}, 401, "authentication_error", id="no key"),
        pytest.param(
            {**HEADERS, "x-api-key": "invalid"}, 401, "authentication_error", id="a wrong key"
        ),
        pytest.param({"x-api-key": "x"}, 400, "invalid_request_error", id="no version"),
        pytest.param(
            {**HEADERS, "anthropic-version": "2030-01-01"},
            400,
            "invalid_request_error",
            id="an unknown version",
        ),
    ],
)
def test_key_and_version_are_required(caller, headers, status, kind):
    reply = post(caller, {"model": "claude-x", "max_tokens": 1, "messages": [TURN]}, headers)
    assert (reply.status_code, reply.json()["type"], reply.json()["error"]["type"]) == (
        status,
        "error",
        kind,
    )


def test_a_bearer_token_is_a_key_too(caller):
    headers = {"authorization": "Bearer x", "anthropic-version": "2023-06-01"}
    assert (
        post(
            caller, {"model": "claude-x", "max_tokens": 9, "messages": [TURN]}, headers
        ).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"max_tokens": None}, "max_tokens: Field required", id="no max_tokens"),
        pytest.param({"model": None}, "model: Field required", id="no model"),
        pytest.param({"messages": None}, "messages: Field required", id="no messages"),
        pytest.param({"messages": []}, "messages: at least one message is required", id="empty messages"),
        pytest.param({"colour": "red"}, "colour: Extra inputs are not permitted", id="an unknown field"),
        pytest.param({"max_tokens": 0}, "max_tokens: must be greater", id="no tokens"),
        pytest.param({"max_tokens": 64_001}, "max_tokens: 64001 > 64000, which is the maximum allowed", id="many tokens"),
        pytest.param({"messages": [{"role": "user", "content": " word" * 200_001}]}, "prompt is too long: 200001 tokens > 200000 maximum", id="a long prompt"),
        pytest.param({"max_tokens": "many"}, "max_tokens: Input should be a valid integer", id="tokens in words"),
        pytest.param({"temperature": 1.5}, "temperature: Input should be less than or equal to 1", id="too hot"),
        pytest.param({"messages": [{"role": "system", "content": "x"}]}, 'messages: Unexpected role "system"', id="a system turn"),
        pytest.param({"messages": [{"role": "assistant", "content": "x"}]}, "messages: first message must", id="not first the user"),
        pytest.param({"messages": [{"role": "user", "content": ""}]}, "messages.0: user messages must have non-empty", id="empty"),
        pytest.param({"messages": [{"role": "user", "content": " "}]}, "messages: text content blocks must", id="blank"),
        pytest.param({"messages": [TURN, {"role": "assistant", "content": "42 "}]}, "messages: final assistant content", id="a prefill"),
        pytest.param({"thinking": {"type": "enabled", "budget_tokens": 10}}, "thinking.enabled.budget_tokens", id="little thinking"),
        pytest.param({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "`max_tokens` must be greater", id="all thinking"),
    ],
)  # fmt: skip
def test_what_anthropic_refuses_is_refused_in_its_shape(caller, change, message):
    body = {"model": "claude-sonnet-4-5", "max_tokens": 1024, "messages": [TURN], **change}
    reply = post(caller, {k: v for k, v in body.items() if v is not None})
    assert (reply.status_code, reply.json()["error"]["type"]) == (400, "invalid_request_error")
    assert reply.json()["error"]["message"].startswith(message)


def test_an_unknown_model_is_not_found(caller):
    reply = caller.ask("claude", SUM, model="gpt-5")
    assert (reply.status_code, reply.json()["error"]) == (
        404,
        {"type": "not_found_error", "message": "model: gpt-5"},
    )


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "type", "text"]), inner)
    ),
    max_leaves=6,
)
FIELDS = ("model", "messages", "max_tokens", "system", "temperature", "stream", "thinking")


@given(st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_any_body_is_understood_or_refused_never_a_crash(fields):
    body = dumps({"model": "claude-x", "max_tokens": 9, "messages": [TURN], **fields})
    ask, refused = None, None
    try:
        ask = AnthropicWire().read(Head(HEADERS), body)
    except RefusedRequestError as refusal:
        refused = refusal
    assert ask.turns if refused is None else refused.body["type"] == "error"
