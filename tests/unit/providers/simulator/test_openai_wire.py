"""OpenAI's protocol as its clients meet it: shapes, events, usage, refusals of bad requests."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.simulator.openai_wire import OpenAiWire
from providers.simulator.wire import Head, RefusedRequestError, dumps
from tests.unit.providers.simulator.streams import data_of, text_of

SUM = "What is 17 + 25?"
TURN = {"role": "user", "content": SUM}


def post(caller, body, **headers):
    url = f"{caller.simulator.openai_url}/chat/completions"
    return caller.client.post(
        url, json=body, headers={"authorization": "Bearer sk-test", **headers}
    )


def test_a_completion_has_openais_shape(caller):
    reply = caller.ask("gpt", SUM)
    body = reply.json()
    assert reply.status_code == 200
    assert reply.headers["x-request-id"].startswith("req_")
    assert body["object"] == "chat.completion"
    assert body["id"].startswith("chatcmpl-")
    assert body["model"] == "gpt-5-2025-08-07"
    assert body["choices"] == [{
        "index": 0,
        "message": {"role": "assistant", "content": "17 + 25 = **42**.", "refusal": None, "annotations": []},
        "logprobs": None,
        "finish_reason": "stop",
    }]  # fmt: skip


def test_reasoning_tokens_are_a_part_of_the_completion_tokens(caller):
    usage = caller.ask("gpt", SUM).json()["usage"]
    reasoning = usage["completion_tokens_details"]["reasoning_tokens"]
    assert 0 < reasoning < usage["completion_tokens"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_models_that_do_not_reason_spend_no_reasoning_tokens(caller):
    usage = post(caller, {"model": "gpt-4o", "messages": [TURN]}).json()["usage"]
    assert usage["completion_tokens_details"]["reasoning_tokens"] == 0


def test_minimal_effort_spends_no_reasoning_tokens(caller):
    usage = caller.ask("gpt", SUM, reasoning_effort="minimal").json()["usage"]
    assert usage["completion_tokens_details"]["reasoning_tokens"] == 0


def test_a_long_prompt_read_before_is_billed_as_cached_in_blocks_of_128(caller):
    prompt = SUM + " Note well." * 600
    first, again = (caller.ask("gpt", prompt).json()["usage"] for _ in range(2))
    assert first["prompt_tokens_details"]["cached_tokens"] == 0
    cached = again["prompt_tokens_details"]["cached_tokens"]
    assert 1024 <= cached <= again["prompt_tokens"]
    assert cached % 128 == 0


def test_a_short_prompt_is_never_cached(caller):
    usages = [caller.ask("gpt", SUM).json()["usage"] for _ in range(2)]
    assert all(u["prompt_tokens_details"]["cached_tokens"] == 0 for u in usages)


def test_max_completion_tokens_cut_the_reply_and_say_length(caller):
    choice = post(caller, {"model": "gpt-4o", "messages": [TURN], "max_tokens": 4}).json()[
        "choices"
    ][0]
    assert choice["finish_reason"] == "length"
    assert choice["message"]["content"] == "17 + 25 ="


def test_reasoning_may_spend_the_whole_bound_and_leave_no_text(caller):
    body = caller.ask("gpt", SUM, max_completion_tokens=50).json()
    assert body["choices"][0]["message"]["content"] == ""
    assert body["choices"][0]["finish_reason"] == "length"
    assert body["usage"]["completion_tokens"] == 50


def test_a_refusal_has_a_field_of_its_own(caller):
    message = caller.ask("gpt", "How do I pick the lock of my neighbour's front door?").json()[
        "choices"
    ][0]["message"]
    assert message["content"] is None
    assert message["refusal"].startswith("I'm sorry")


def test_a_stream_is_chunks_that_end_with_done(caller):
    reply = caller.ask("gpt", SUM, stream=True)
    events = data_of(reply.text)
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert events[-1] == "[DONE]"
    assert {e["object"] for e in events[:-1]} == {"chat.completion.chunk"}
    assert events[0]["choices"][0]["delta"]["role"] == "assistant"
    assert events[-2]["choices"][0] == {
        "index": 0,
        "delta": {},
        "logprobs": None,
        "finish_reason": "stop",
    }
    assert text_of("gpt", events) == "17 + 25 = **42**."
    assert len(events) > 4


def test_a_streams_usage_comes_last_and_only_if_asked_for(caller):
    plain = data_of(caller.ask("gpt", SUM, stream=True).text)
    assert all("usage" not in e for e in plain[:-1])
    asked = data_of(
        caller.ask("gpt", SUM, stream=True, stream_options={"include_usage": True}).text
    )
    assert asked[-2]["choices"] == []
    assert asked[-2]["usage"] == caller.ask("gpt", SUM).json()["usage"]
    assert all(e["usage"] is None for e in asked[:-2])


def test_a_streamed_refusal_comes_as_refusal_deltas(caller):
    events = data_of(
        caller.ask("gpt", "How do I pick the lock of my neighbour's front door?", stream=True).text
    )
    assert any(
        "refusal" in e["choices"][0]["delta"] and e["choices"][0]["delta"]["refusal"]
        for e in events[:-1]
    )
    assert not any(e["choices"][0]["delta"].get("content") for e in events[:-1])


def test_content_may_come_in_parts_and_history_counts(caller):
    parts = [{"type": "text", "text": "What is"}, {"type": "text", "text": "17 + 25?"}]
    body = {
        "model": "gpt-5",
        "messages": [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": parts},
        ],
    }
    assert "42" in post(caller, body).json()["choices"][0]["message"]["content"]


def test_models_are_listed(caller):
    listed = caller.client.get(f"{caller.simulator.openai_url}/models").json()
    assert listed["object"] == "list"
    assert "gpt-5" in {m["id"] for m in listed["data"]}


def test_a_request_without_a_key_is_401(caller):
    reply = caller.client.post(f"{caller.simulator.openai_url}/chat/completions", json={})
    assert reply.status_code == 401
    assert reply.json()["error"]["type"] == "invalid_request_error"


def test_a_key_that_says_that_it_is_invalid_is_401(caller):
    reply = post(caller, {}, authorization="Bearer invalid-key")
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize(
    ("change", "status", "param", "code"),
    [
        pytest.param({"model": None}, 400, None, None, id="no model"),
        pytest.param({"model": "llama-3"}, 404, None, "model_not_found", id="an unknown model"),
        pytest.param(
            {"messages": None}, 400, "messages", "missing_required_parameter", id="no messages"
        ),
        pytest.param({"messages": []}, 400, "messages", "empty_array", id="empty messages"),
        pytest.param(
            {"messages": [{"role": "king", "content": "x"}]},
            400,
            "messages[0].role",
            "invalid_value",
            id="a role",
        ),
        pytest.param(
            {"messages": [{"role": "user"}]}, 400, "messages[0].content", None, id="no content"
        ),
        pytest.param({"colour": "red"}, 400, None, None, id="an unknown argument"),
        pytest.param(
            {"max_tokens": 100},
            400,
            "max_tokens",
            "unsupported_parameter",
            id="max_tokens to a reasoning model",
        ),
        pytest.param(
            {"temperature": 0.2},
            400,
            "temperature",
            "unsupported_value",
            id="temperature to a reasoning model",
        ),
        pytest.param(
            {"stop": ["x"]}, 400, "stop", "unsupported_parameter", id="stop to a reasoning model"
        ),
        pytest.param(
            {"temperature": 3}, 400, "temperature", "decimal_above_max_value", id="too hot"
        ),
        pytest.param({"temperature": "hot"}, 400, "temperature", "invalid_type", id="not a number"),
        pytest.param(
            {"max_completion_tokens": 0},
            400,
            "max_completion_tokens",
            "integer_below_min_value",
            id="no tokens",
        ),
        pytest.param(
            {"max_completion_tokens": 128_001},
            400,
            "max_completion_tokens",
            "invalid_value",
            id="more tokens than the model writes",
        ),
        pytest.param(
            {"messages": [TURN, {"role": "user", "content": " word" * 272_000}]},
            400,
            "messages",
            "context_length_exceeded",
            id="a prompt longer than the model reads",
        ),
        pytest.param(
            {"stream_options": {}},
            400,
            "stream_options",
            None,
            id="stream options without a stream",
        ),
        pytest.param(
            {"n": 3},
            400,
            "n",
            "integer_above_max_value",
            id="several choices, which the simulator lacks",
        ),
    ],
)
def test_what_openai_refuses_is_refused_in_its_shape(caller, change, status, param, code):
    body = {"model": "gpt-5", "messages": [TURN], **change}
    reply = post(caller, {k: v for k, v in body.items() if v is not None})
    error = reply.json()["error"]
    assert reply.status_code == status
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, code)


def test_temperature_one_is_the_only_one_a_reasoning_model_takes(caller):
    assert caller.ask("gpt", SUM, temperature=1).status_code == 200


def test_other_models_take_temperature_and_max_tokens(caller):
    body = {"model": "gpt-4o", "messages": [TURN], "temperature": 0.2, "max_tokens": 16_384}
    assert post(caller, body).status_code == 200
    too_many = post(caller, body | {"max_tokens": 16_385}).json()["error"]
    assert too_many["message"] == (
        "max_tokens is too large: 16385. This model supports at most 16384 completion tokens, "
        "whereas you provided 16385."
    )


def test_an_unknown_argument_is_named(caller):
    assert (
        caller.ask("gpt", SUM, colour="red").json()["error"]["message"]
        == "Unrecognized request argument supplied: colour"
    )


def test_a_body_that_is_no_json_is_refused(caller):
    request = httpx.Request(
        "POST", f"{caller.simulator.openai_url}/chat/completions",
        headers={"authorization": "Bearer x"}, content=b'{"model": ',
    )  # fmt: skip
    reply = caller.client.send(request)
    assert reply.status_code == 400
    assert "could not parse the JSON body" in reply.json()["error"]["message"]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = (
    "messages",
    "temperature",
    "stream",
    "stream_options",
    "n",
    "max_completion_tokens",
    "reasoning_effort",
    "stop",
)


@given(st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_any_body_is_understood_or_refused_never_a_crash(fields):
    body = dumps({"model": "gpt-5", "messages": [TURN], **fields})
    ask, refused = None, None
    try:
        ask = OpenAiWire().read(Head({"authorization": "Bearer x"}), body)
    except RefusedRequestError as refusal:
        refused = refusal
    assert (
        ask.turns if refused is None else refused.body["error"]["type"] == "invalid_request_error"
    )
