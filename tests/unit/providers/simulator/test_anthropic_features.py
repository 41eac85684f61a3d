"""What the simulated Claude makes of tools, images, formats, stop sequences, thinking and versions."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.simulator.anthropic_wire import AnthropicWire
from providers.simulator.wire import Head, RefusedRequestError, dumps
from tests.unit.providers.simulator.streams import data_of

SUM = "What is 17 + 25?"
TURN = {"role": "user", "content": SUM}
OLD = {"x-api-key": "sk-ant-test", "anthropic-version": "2023-06-01"}
NEW = {"authorization": "Bearer sk-ant-test", "anthropic-version": "2026-10-21"}
WEATHER = {
    "name": "get_weather",
    "input_schema": {
        "type": "object",
        "properties": {"at": {"type": "string"}},
        "required": ["at"],
    },
}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"at": "x"}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "sunny"}
CALLED = [TURN, {"role": "assistant", "content": [CALL]}, {"role": "user", "content": [RESULT]}]


def post(caller, change, headers=OLD):
    body = {"model": "claude-sonnet-4-6", "max_tokens": 4096, "messages": [TURN], **change}
    return caller.client.post(
        f"{caller.simulator.anthropic_url}/v1/messages", json=body, headers=headers
    )


def asking(text):
    return [{"role": "user", "content": text}]


def test_a_tool_that_is_asked_for_is_called_and_its_result_answered(caller):
    asked = {"tools": [WEATHER], "messages": asking("Call get_weather.")}
    body = post(caller, asked).json()
    [block] = body["content"]
    assert (body["stop_reason"], block["type"], block["name"]) == ("tool_use", "tool_use", "get_weather")  # fmt: skip
    assert block["id"].startswith("toolu_")
    assert list(block["input"]) == ["at"]
    told = post(caller, {"tools": [WEATHER], "messages": CALLED}).json()
    assert told["content"][0]["text"] == "get_weather says: sunny"


def test_a_calls_arguments_stream_in_pieces_of_json(caller):
    asked = {"tools": [WEATHER], "messages": asking("Call get_weather."), "stream": True}
    events = data_of(post(caller, asked).text)
    kinds = [event["type"] for event in events]
    pieces = [e["delta"]["partial_json"] for e in events if e["type"] == "content_block_delta"]
    assert kinds[:3] == ["message_start", "content_block_start", "ping"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert events[1]["content_block"]["input"] == {}
    assert list(json.loads("".join(pieces))) == ["at"]
    assert events[-2]["delta"]["stop_reason"] == "tool_use"


def test_a_stop_sequence_ends_the_text_and_is_named(caller):
    body = post(caller, {"stop_sequences": ["ones"]}).json()
    assert (body["stop_reason"], body["stop_sequence"]) == ("stop_sequence", "ones")
    assert "ones" not in body["content"][0]["text"]


def test_a_format_makes_json_of_its_shape(caller):
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"], "additionalProperties": False}  # fmt: skip
    wanted = {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
    assert "42" in json.loads(post(caller, wanted).json()["content"][0]["text"])["answer"]


def test_effort_moves_the_tokens_of_thinking(caller):
    def thought(effort):
        asked = {"thinking": {"type": "adaptive"}, "output_config": {"effort": effort}}
        usage = post(caller, asked).json()["usage"]
        return usage["output_tokens_details"]["thinking_tokens"]

    assert 0 < thought("low") < thought("medium") < thought("high") < thought("max")


def test_claude_5_thinks_unless_it_is_told_not_to(caller):
    on = post(caller, {"model": "claude-opus-5"}).json()
    off = post(caller, {"model": "claude-opus-5", "thinking": {"type": "disabled"}}).json()
    assert [block["type"] for block in on["content"]] == ["thinking", "text"]
    assert [block["type"] for block in off["content"]] == ["text"]


def test_images_are_seen(caller):
    image = {"type": "image", "source": {"type": "url", "url": "https://x.test/a.png"}}
    body = post(caller, {"messages": [{"role": "user", "content": [image]}]}).json()
    assert body["content"][0]["text"].startswith("I see 1 image.")


def test_the_new_version_takes_a_bearer_key_and_the_old_header_still(caller):
    for headers in (NEW, OLD | {"anthropic-version": "2026-10-21"}):
        assert post(caller, {}, headers).status_code == 200
    assert post(caller, {}, {"anthropic-version": "2026-10-21"}).status_code == 401


@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k"])
def test_the_new_version_takes_no_sampling_not_even_the_default(caller, name):
    reply = post(caller, {name: 1}, NEW)
    assert (reply.status_code, reply.json()["error"]) == (
        400,
        {"type": "invalid_request_error", "message": f"{name}: Extra inputs are not permitted"},
    )
    assert post(caller, {name: 1}).status_code == 200


PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "eA=="}}


def picture(**source):
    content = [PICTURE | {"source": PICTURE["source"] | source}]
    return {"messages": [{"role": "user", "content": content}]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"model": "claude-opus-4-7", "temperature": 0.5}, "`temperature` is deprecated for this model.", id="temperature since 4.7"),
        pytest.param({"temperature": 0.5, "top_p": 0.5}, "`temperature` and `top_p` cannot both", id="both"),
        pytest.param({"thinking": {"type": "adaptive"}, "temperature": 0.5}, "`temperature` may only be set to 1", id="temperature beside thinking"),
        pytest.param({"model": "claude-opus-5-5", "thinking": {"type": "disabled"}}, '"thinking.type.disabled" is not supported', id="always thinks"),
        pytest.param({"model": "claude-opus-4-7", "thinking": {"type": "enabled", "budget_tokens": 1024}}, '"thinking.type.enabled" is not supported', id="no budgets since 4.7"),
        pytest.param({"model": "claude-sonnet-4-5", "thinking": {"type": "adaptive"}}, '"thinking.type.adaptive" is not supported', id="not adaptive yet"),
        pytest.param({"output_config": {"effort": "xhigh"}}, "This model does not support effort level 'xhigh'", id="no xhigh in 4.6"),
        pytest.param({"output_config": {"effort": "most"}}, "output_config.effort: Input should be", id="no such effort"),
        pytest.param({"model": "claude-sonnet-4-5", "output_config": {"effort": "low"}}, "This model does not support the effort parameter.", id="no effort"),
        pytest.param({"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}}, "output_config.format.schema: For 'object' type, 'additionalProperties'", id="an open object"),
        pytest.param({"output_config": {"format": {"type": "json_schema", "schema": {"type": "integer", "minimum": 1}}}}, "output_config.format.schema: For 'integer' type, property 'minimum'", id="a bound"),
        pytest.param({"stop_sequences": [" "]}, "stop_sequences: each stop sequence must contain non-whitespace", id="a blank stop"),
        pytest.param({"tools": [{"name": "a"}]}, "tools.0.custom.input_schema: Field required", id="a tool without a schema"),
        pytest.param({"tools": [WEATHER | {"name": "a b"}]}, "tools.0.custom.name: String should match", id="a name with a space"),
        pytest.param({"tools": [WEATHER, WEATHER]}, "tools: Tool names must be unique.", id="one name twice"),
        pytest.param({"tool_choice": {"type": "any"}}, "tool_choice may only be specified while providing tools.", id="a choice of none"),
        pytest.param({"tools": [WEATHER], "tool_choice": {"type": "tool", "name": "b"}}, "Tool 'b' not found", id="a choice of another"),
        pytest.param({"model": "claude-sonnet-5-5", "tools": [WEATHER], "tool_choice": {"type": "any"}}, 'tool_choice: type "tool" and "any" are not supported', id="cannot be forced"),
        pytest.param({"tools": [WEATHER], "tool_choice": {"type": "any"}, "thinking": {"type": "enabled", "budget_tokens": 1024}}, "Thinking may not be enabled when tool_choice forces", id="forced and thinking"),
        pytest.param({"messages": [*CALLED[:2], TURN]}, "messages.1: `tool_use` ids were found without `tool_result`", id="a call without its result"),
        pytest.param({"messages": [{"role": "user", "content": [RESULT]}]}, "messages.0.content.0: unexpected `tool_use_id`", id="a result without its call"),
        pytest.param({"messages": CALLED, "tools": [WEATHER], "thinking": {"type": "enabled", "budget_tokens": 1024}}, "messages.1.content.0.type: Expected `thinking`", id="thinking that begins between tools"),
        pytest.param({"messages": [TURN, {"role": "assistant", "content": "The"}]}, "This model does not support assistant message prefill", id="a prefill since 4.6"),
        pytest.param(picture(media_type="image/tiff"), "messages.0.content.0.image.source.base64.media_type", id="a TIFF"),
        pytest.param(picture(data="!"), "messages.0.content.0.image.source.base64: invalid base64", id="no base64"),
        pytest.param(picture(type="url", url="http://x.test/a.png"), "messages.0.content.0.image.source.url.url: Only HTTPS", id="http"),
    ],
)  # fmt: skip
def test_what_anthropic_refuses_is_refused_in_its_words(caller, change, message):
    reply = post(caller, change)
    assert (reply.status_code, reply.json()["error"]["type"]) == (400, "invalid_request_error")
    assert reply.json()["error"]["message"].startswith(message)


WORDS = ["type", "name", "id", "input", "content", "text", "source", "schema", "input_schema", "format", "effort", "properties", "tool_use_id"]  # fmt: skip
TAGS = ["text", "image", "tool_use", "tool_result", "any", "tool", "auto", "none", "json_schema", "object", "adaptive", "enabled", "base64", "url", "low"]  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(TAGS) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)
    ),
    max_leaves=10,
)
FIELDS = (
    "messages",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "stop_sequences",
    "top_p",
)
turns = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["user", "assistant"]),
            "content": st.lists(json_values | st.sampled_from([CALL, RESULT, PICTURE]), max_size=3),
        }
    ),
    max_size=4,
)


@given(st.dictionaries(st.sampled_from(FIELDS), json_values), turns, st.sampled_from([OLD, NEW]))
def test_any_body_is_understood_or_refused_never_a_crash(fields, more, headers):
    body = {"model": "claude-sonnet-4-6", "max_tokens": 4096, "messages": [TURN, *more], **fields}
    ask, refused = None, None
    try:
        ask = AnthropicWire().read(Head(headers), dumps(body))
    except RefusedRequestError as refusal:
        refused = refusal
    assert ask.turns if refused is None else refused.body["type"] == "error"
