"""What goes wrong, as OpenAI's client tells it: the exception, and what is in it."""

import asyncio
import json

import httpx
import openai
import pytest

from tests.support.openai_clients import async_client_of, client_of

ASKED = [{"role": "user", "content": "What is 17 + 25?"}]
SINGLE = ("gpt", "claude", "gemini")
CHAT = "/v1/chat/completions"


@pytest.fixture
def client(face):
    with client_of(face) as client:
        yield client


def refused(client, **asked):
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**{"model": "gpt", "messages": ASKED} | asked)
    error = caught.value
    assert error.type == "invalid_request_error"
    assert error.response.headers["x-should-retry"] == "false"
    assert error.body["wallbounce"]["request_id"] == error.response.headers["x-request-id"]
    return error.param, error.code


WRONG = [
    ({"messages": []}, "messages", "invalid_value"),
    ({"messages": [{"role": "boss", "content": "x"}]}, "messages[0].role", "invalid_value"),
    ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "invalid_type"),
    ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
    (
        {"messages": [{"role": "tool", "content": "x"}]},
        "messages[0].tool_call_id",
        "missing_required_parameter",
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        "messages[0].content[0].text",
        "missing_required_parameter",
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": "video"}]}]},
        "messages[0].content[0].type",
        "invalid_value",
    ),
    ({"temperature": 3}, "temperature", "invalid_value"),
    ({"temperature": "hot"}, "temperature", "invalid_type"),
    ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "invalid_value"),
    ({"max_tokens": 5, "max_completion_tokens": 5}, "max_tokens", "invalid_value"),
    ({"stream_options": {"include_usage": True}}, "stream_options", "invalid_value"),
    ({"tool_choice": "required"}, "tool_choice", "invalid_value"),
    ({"reasoning_effort": "heroic"}, "reasoning_effort", "invalid_value"),
    ({"extra_body": {"colour": "red"}}, "colour", "unknown_parameter"),
    ({"extra_body": {"wallbounce": {"Luck": 1}}}, "wallbounce.Luck", "unknown_parameter"),
    (
        {"response_format": {"type": "json_schema"}},
        "response_format.json_schema",
        "missing_required_parameter",
    ),
]


@pytest.mark.parametrize(("asked", "param", "code"), WRONG)
def test_a_parameter_that_makes_no_sense_is_refused_by_its_name(client, asked, param, code):
    assert refused(client, **asked) == (param, code)


UNOFFERED = [
    ({"n": 2}, "n"),
    ({"logprobs": True}, "logprobs"),
    ({"logprobs": True, "top_logprobs": 2}, "logprobs"),
    ({"logit_bias": {"50256": -100}}, "logit_bias"),
    ({"modalities": ["text", "audio"]}, "modalities"),
    ({"audio": {"voice": "alloy", "format": "wav"}}, "audio"),
    ({"store": True}, "store"),
    ({"service_tier": "flex"}, "service_tier"),
    ({"verbosity": "low"}, "verbosity"),
    ({"prediction": {"type": "content", "content": "x"}}, "prediction"),
    ({"web_search_options": {}}, "web_search_options"),
    ({"functions": [{"name": "f"}]}, "functions"),
    ({"tools": [{"type": "custom", "custom": {"name": "f"}}]}, "tools[0].type"),
    (
        {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]},
        "messages[0].content[0].type",
    ),
    ({"extra_body": {"wallbounce": {"depth": 4}}}, "wallbounce.depth"),
]


@pytest.mark.parametrize(("asked", "param"), UNOFFERED)
def test_what_is_not_built_is_refused_and_not_made_believe(client, asked, param):
    assert refused(client, **asked) == (param, "unsupported_parameter")


@pytest.mark.parametrize("model", ["gpt", "wallbounce"])
def test_a_session_is_not_available_yet(client, model):
    wishes = {"wallbounce": {"session_id": "s"}}
    told = refused(client, model=model, extra_body=wishes)
    assert told == ("wallbounce.session_id", "not_available")


AMONG_SEVERAL = [
    (
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        "tools",
        "unsupported_parameter",
    ),
    (
        {"messages": [*ASKED, {"role": "tool", "tool_call_id": "a", "content": "b"}]},
        "messages[1].role",
        "unsupported_parameter",
    ),
    ({"extra_body": {"wallbounce": {"depth": 9}}}, "wallbounce.depth", "invalid_value"),
    ({"extra_body": {"wallbounce": {"providers": ["x"]}}}, "wallbounce.providers", "invalid_value"),
    (
        {"extra_body": {"wallbounce": {"budget_usd": 1e-6}}},
        "wallbounce.budget_usd",
        "budget_too_small",
    ),
    ({"n": 2}, "n", "unsupported_parameter"),
    ({"messages": [{"role": "user", "content": " "}]}, "messages", "invalid_value"),
    (
        {"messages": [{"role": "assistant", "content": ""}, *ASKED]},
        "messages[0].content",
        "invalid_value",
    ),
]


@pytest.mark.parametrize(("asked", "param", "code"), AMONG_SEVERAL)
@pytest.mark.parametrize("streamed", [False, True])
def test_several_vendors_refuse_what_they_cannot_share(client, asked, param, code, streamed):
    assert refused(client, model="wallbounce", stream=streamed, **asked) == (param, code)


def test_json_cannot_be_merged(client):
    told = refused(
        client,
        model="wallbounce",
        response_format={"type": "json_object"},
        extra_body={"wallbounce": {"aggregation": "synthesize"}},
    )
    assert told[1] == "invalid_value"


def test_an_unknown_model_is_404_and_names_those_there_are(client):
    with pytest.raises(openai.NotFoundError, match="claude") as caught:
        client.chat.completions.create(model="gpt-99", messages=ASKED)
    assert caught.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-99")


VENDOR_FAILS = {
    "500": (openai.InternalServerError, 502, "server_error", "true"),
    "529": (openai.InternalServerError, 503, "overloaded", "true"),
    "reset": (openai.InternalServerError, 502, "connection_lost", "false"),
    "malformed": (openai.InternalServerError, 502, "malformed_reply", "false"),
    "wrong-shape": (openai.InternalServerError, 502, "malformed_reply", "false"),
    "empty": (openai.InternalServerError, 502, "empty_reply", "false"),
    "timeout": (openai.InternalServerError, 504, "timeout", "false"),
}


@pytest.mark.parametrize("model", SINGLE)
@pytest.mark.parametrize("fault", VENDOR_FAILS)
def test_a_vendor_s_failure_is_told_as_what_it_is(client, vendors, model, fault):
    kind, status, code, retry = VENDOR_FAILS[fault]
    vendors.set_fault(model, fault)
    with pytest.raises(kind) as caught:
        client.chat.completions.create(
            model=model, messages=ASKED, extra_body={"wallbounce": {"timeout_ms": 1_000}}
        )
    error = caught.value
    assert (error.status_code, error.code) == (status, code)
    assert error.response.headers["x-should-retry"] == retry
    assert error.body["wallbounce"]["provider"] == model


@pytest.mark.parametrize("model", SINGLE)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_vendor_s_rate_limit_is_the_caller_s_with_the_time_to_wait(
    client, vendors, model, streamed
):
    vendors.set_fault(model, "429", count=1)
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model=model, messages=ASKED, stream=streamed)
    assert caught.value.code == "rate_limit_exceeded"
    assert caught.value.response.headers["retry-after"] == "1"
    assert caught.value.response.headers["x-should-retry"] == "true"
    # Until the vendor may be asked again it is not: the client that waits as it was told gets through.
    patient = client.with_options(max_retries=5)
    assert patient.chat.completions.create(model=model, messages=ASKED).choices


def test_the_client_repeats_by_itself_what_may_succeed_and_nothing_that_was_paid_for(face, vendors):
    with client_of(face, max_retries=2) as client:
        vendors.set_fault("gpt", "529", count=1)
        reply = client.chat.completions.create(model="gpt", messages=ASKED)
        assert "42" in reply.choices[0].message.content
        vendors.reset()
        vendors.set_fault("gpt", "malformed")
        with pytest.raises(openai.InternalServerError):
            client.chat.completions.create(model="gpt", messages=ASKED)
        assert vendors.stats()["gpt"]["seen"] == 1


def test_our_key_that_a_vendor_refuses_is_not_the_caller_s(start_gateway):
    gateway = start_gateway(OPENAI_API_KEY="invalid", SRP_TRAFFIC_PERCENTAGE="100")
    with client_of(gateway.url) as client, pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="gpt", messages=ASKED)
    assert (caught.value.status_code, caught.value.code) == (502, "provider_unauthorized")
    assert caught.value.response.headers["x-should-retry"] == "false"


def test_all_vendors_failing_names_each(client, vendors):
    for vendor in SINGLE:
        vendors.set_fault(vendor, "500")
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="wallbounce-critical", messages=ASKED)
    assert (caught.value.status_code, caught.value.code) == (503, "all_providers_failed")
    assert {v["provider"] for v in caught.value.body["wallbounce"]["votes"]} == set(SINGLE)


def test_a_key_is_asked_for_and_known_ones_let_in(start_gateway):
    gateway = start_gateway(WALLBOUNCE_API_KEYS="sesame", SRP_TRAFFIC_PERCENTAGE="100")
    with client_of(gateway.url, key="wrong") as client:
        for call in (
            lambda: client.chat.completions.create(model="gpt", messages=ASKED),
            client.models.list,
        ):
            with pytest.raises(openai.AuthenticationError) as caught:
                call()
            assert caught.value.code == "invalid_api_key"
    with client_of(gateway.url, key="sesame") as client:
        assert client.models.list().data
        assert client.chat.completions.create(model="gpt", messages=ASKED).choices


def test_the_asynchronous_client_raises_alike(face):
    async def ask():
        async with async_client_of(face) as client:
            await client.chat.completions.create(model="gpt", messages=ASKED, n=3)

    with pytest.raises(openai.BadRequestError):
        asyncio.run(ask())


ELSEWHERE = [
    lambda client: client.embeddings.create(model="gpt", input="x"),
    lambda client: client.completions.create(model="gpt", prompt="x"),
    lambda client: client.responses.create(model="gpt", input="x"),
    lambda client: client.moderations.create(input="x"),
    lambda client: client.files.list(),
    lambda client: client.images.generate(prompt="x"),
]


@pytest.mark.parametrize("call", ELSEWHERE)
def test_what_the_face_does_not_have_is_404_with_a_word_on_what_there_is(client, call):
    with pytest.raises(openai.NotFoundError, match="/v1/chat/completions"):
        call(client)


def test_another_method_is_405(face):
    reply = httpx.get(face + CHAT, trust_env=False)
    assert (reply.status_code, reply.headers["allow"]) == (405, "POST")
    assert reply.json()["error"]["code"] == "method_not_allowed"


BROKEN = [
    b"",
    b"{",
    b'{"model": "gpt", "messages": [{"role": "user", "content": NaN}]}',
    b'{"model": "gpt", "messages": "\\ud800"}',
    b'{"model":' + b"[" * 100_000,
]


@pytest.mark.parametrize("body", BROKEN)
def test_what_is_no_json_is_400(face, body):
    headers = {"content-type": "application/json"}
    reply = httpx.post(face + CHAT, content=body, headers=headers, trust_env=False)
    assert reply.status_code == 400
    assert reply.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"x"'])
def test_json_that_is_no_object_is_400(face, body):
    headers = {"content-type": "application/json"}
    reply = httpx.post(face + CHAT, content=body, headers=headers, trust_env=False)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "invalid_value")


def test_a_form_is_no_request(face):
    reply = httpx.post(face + CHAT, data={"model": "gpt"}, trust_env=False)
    assert reply.status_code == 400
    assert "content-type" in reply.json()["error"]["message"]


def test_a_body_over_the_limit_is_413_announced_or_not(face):
    asked = {"model": "gpt", "messages": [{"role": "user", "content": "x" * 4_200_000}]}
    raw = json.dumps(asked).encode()
    headers = {"content-type": "application/json"}

    def pieces():
        for start in range(0, len(raw), 65_536):
            yield raw[start : start + 65_536]

    for content in (raw, pieces()):
        reply = httpx.post(face + CHAT, content=content, headers=headers, trust_env=False)
        assert (reply.status_code, reply.json()["error"]["code"]) == (413, "payload_too_large")
