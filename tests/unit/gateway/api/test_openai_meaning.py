"""What the parameters of a chat completion mean: a prompt, word by word."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.openai.bodies import parse
from gateway.api.openai.bounced import generate_request, param_of
from gateway.api.openai.complaints import ParameterError
from gateway.api.openai.meaning import prompt_of, refuse_unoffered, unsaid
from gateway.errors import GatewayError
from providers.messages import (
    ImagePart,
    JsonFormat,
    Message,
    NamedTool,
    TextPart,
    Tool,
    ToolCall,
)


def asked(*messages, **fields):
    body = {"model": "gpt", "messages": list(messages) or [{"role": "user", "content": "hi"}]}
    return parse(orjson.dumps(body | fields))


def prompt(*messages, **fields):
    request = asked(*messages, **fields)
    refuse_unoffered(request)
    return prompt_of(request)


def test_turns_keep_their_roles_and_the_developer_is_the_system():
    said = prompt(
        {"role": "developer", "content": "a"},
        {"role": "system", "content": [{"type": "text", "text": "b"}]},
        {"role": "user", "content": "c"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "d"}]},
        {"role": "assistant", "content": None, "refusal": "e"},
    )
    assert said.messages == (
        Message("system", "a"),
        Message("system", "b"),
        Message("user", "c"),
        Message("assistant", "d"),
        Message("assistant", "e"),
    )


def test_texts_and_images_keep_their_order():
    data = "data:image/png;base64,iVBORw0="
    parts = [
        {"type": "text", "text": "a"},
        {"type": "image_url", "image_url": {"url": "https://example.com/x.png", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": data}},
    ]
    (turn,) = prompt({"role": "user", "content": parts}).messages
    assert turn.parts == (
        TextPart("a"),
        ImagePart(url="https://example.com/x.png", detail="low"),
        ImagePart(data="iVBORw0=", media_type="image/png"),
    )


def test_calls_and_their_results_go_back_with_what_came_along():
    call = {
        "id": "c-1",
        "type": "function",
        "function": {"name": "f", "arguments": "{}"},
        "extra_content": {"google": {"thought_signature": "s"}},
    }
    said = prompt(
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c-1", "content": "b"},
    )
    assert said.messages[1:] == (
        Message("assistant", "", tool_calls=(ToolCall("c-1", "f", "{}", "s"),)),
        Message("tool", "b", tool_call_id="c-1"),
    )


def test_every_wish_arrives():
    schema = {"type": "object"}
    said = prompt(
        temperature=0.5,
        top_p=0.9,
        seed=7,
        stop="x",
        max_completion_tokens=99,
        reasoning_effort="low",
        frequency_penalty=1,
        presence_penalty=-1,
        parallel_tool_calls=False,
        tools=[
            {"type": "function", "function": {"name": "f", "parameters": schema, "strict": True}}
        ],
        tool_choice={"type": "function", "function": {"name": "f"}},
        response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": schema}},
    )
    assert (said.temperature, said.top_p, said.seed, said.stop) == (0.5, 0.9, 7, ("x",))
    assert (said.max_tokens, said.reasoning_effort) == (99, "low")
    assert (said.frequency_penalty, said.presence_penalty) == (1, -1)
    assert said.tools == (Tool("f", None, schema, strict=True),)
    assert (said.tool_choice, said.parallel_tool_calls) == (NamedTool("f"), False)
    assert said.format == JsonFormat(schema, "n")


def test_max_tokens_by_its_older_name_is_the_same():
    assert prompt(max_tokens=5).max_tokens == prompt(max_completion_tokens=5).max_tokens == 5


HARMLESS = [
    {"n": 1},
    {"store": False},
    {"logprobs": False},
    {"logit_bias": {}},
    {"modalities": ["text"]},
    {"service_tier": "default"},
    {"verbosity": "medium"},
    {"prompt_cache_key": "k"},
    {"prompt_cache_retention": "24h"},
    {"response_format": {"type": "text"}},
    {"tools": []},
    {"tool_choice": "none"},
    {"stream": True, "stream_options": {"include_obfuscation": False}},
    {"seed": None, "temperature": None, "stop": None, "tools": None, "audio": None},
]


@pytest.mark.parametrize("fields", HARMLESS)
def test_what_goes_without_saying_may_be_said(fields):
    assert prompt(**fields) == prompt()


def test_names_are_not_passed_on_and_that_is_told():
    assert unsaid(asked({"role": "user", "content": "a", "name": "ann"}))
    assert unsaid(asked()) == ()


@pytest.mark.parametrize(
    ("field", "param"),
    [
        ("budget_usd", "wallbounce.budget_usd"),
        ("providers", "wallbounce.providers"),
        ("user_id", "user"),
        ("task_type", "model"),
        ("stop[0]", "stop[0]"),
        (None, None),
    ],
)
def test_fields_of_our_own_are_told_as_the_parameters_they_came_from(field, param):
    assert param_of(field) == param


def test_several_vendors_are_asked_what_one_would_be():
    fields = {
        "temperature": 0.5,
        "top_p": 0.9,
        "seed": 7,
        "stop": ["x", "y"],
        "max_tokens": 99,
        "reasoning_effort": "low",
        "frequency_penalty": 1,
        "presence_penalty": -1,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": True},
        },
    }
    parts = [
        {"type": "text", "text": "a"},
        {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}},
    ]
    turns = [{"role": "developer", "content": "b"}, {"role": "user", "content": parts}]
    one = prompt(*turns, **fields)
    request = asked(*turns, **fields)
    several = generate_request(request.model_copy(update={"model": "wallbounce-premium"}))
    assert several.to_prompt() == one
    assert several.task_type == "premium"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["messages", "tools", "tool_choice", "stop", "response_format", "n", "wallbounce", "metadata"]
)


def refusal_of(body):
    """Why it is refused; None for a request that is understood."""
    try:
        request = parse(body)
        refuse_unoffered(request)
        prompt_of(request)
        generate_request(request)
    except GatewayError as error:
        return error
    return None


@given(st.dictionaries(NAMES | st.text(), JSON), JSON)
def test_whatever_is_sent_is_understood_or_refused_in_words(fields, content):
    message = {"role": "user", "content": content}
    body = {"model": "wallbounce", "messages": [message]} | fields
    refused = refusal_of(orjson.dumps(body))
    assert refused is None or isinstance(refused, ParameterError)
    assert refused is None or (refused.detail and refused.kind)
