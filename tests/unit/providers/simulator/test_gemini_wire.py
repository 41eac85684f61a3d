"""Gemini's protocol as its clients meet it: shapes, events, usage, refusals of bad requests."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.simulator.gemini_wire import GeminiWire
from providers.simulator.wire import Head, RefusedRequestError, dumps
from tests.unit.providers.simulator.streams import data_of, text_of

SUM = "What is 17 + 25?"
SAID = "The sum of 17 and 25 is 42."
CONTENTS = [{"role": "user", "parts": [{"text": SUM}]}]


def post(caller, body, model="gemini-2.5-pro", action="generateContent", key="test"):
    url = f"{caller.simulator.gemini_url}/v1beta/models/{model}:{action}"
    return caller.client.post(url, json=body, headers={"x-goog-api-key": key} if key else {})


def test_a_response_has_googles_shape(caller):
    body = caller.ask("gemini", SUM).json()
    assert body["candidates"] == [
        {
            "content": {"parts": [{"text": SAID}], "role": "model"},
            "index": 0,
            "finishReason": "STOP",
        }
    ]
    assert body["modelVersion"] == "gemini-2.5-pro"
    assert body["responseId"]


def test_thoughts_are_counted_apart_from_candidates(caller):
    usage = caller.ask("gemini", SUM).json()["usageMetadata"]
    assert usage["thoughtsTokenCount"] > 0
    assert usage["totalTokenCount"] == (
        usage["promptTokenCount"] + usage["candidatesTokenCount"] + usage["thoughtsTokenCount"]
    )


def test_a_thinking_budget_of_zero_turns_thoughts_off_where_the_model_allows_it(caller):
    config = {"thinkingConfig": {"thinkingBudget": 0}}
    body = {"contents": CONTENTS, "generationConfig": config}
    assert (
        "thoughtsTokenCount" not in post(caller, body, "gemini-2.5-flash").json()["usageMetadata"]
    )
    refused = post(caller, body, "gemini-2.5-pro")
    assert refused.status_code == 400
    assert "only works in thinking mode" in refused.json()["error"]["message"]


def test_thoughts_are_shown_as_marked_parts_if_asked_for(caller):
    body = {"contents": CONTENTS, "generationConfig": {"thinkingConfig": {"includeThoughts": True}}}
    parts = post(caller, body).json()["candidates"][0]["content"]["parts"]
    assert [p.get("thought", False) for p in parts] == [True, False]
    assert parts[1]["text"] == SAID


def test_a_long_prompt_read_before_is_reported_as_cached(caller):
    body = {"contents": [{"parts": [{"text": SUM + " Note well." * 600}]}]}
    first, again = (
        post(caller, body, "gemini-2.5-flash").json()["usageMetadata"] for _ in range(2)
    )
    assert "cachedContentTokenCount" not in first
    assert 1024 <= again["cachedContentTokenCount"] <= again["promptTokenCount"]


def test_max_output_tokens_cut_the_reply_and_say_so(caller):
    body = {"contents": CONTENTS, "generationConfig": {"maxOutputTokens": 5}}
    candidate = post(caller, body, "gemini-2.0-flash").json()["candidates"][0]
    assert candidate["finishReason"] == "MAX_TOKENS"
    assert SAID.startswith(candidate["content"]["parts"][0]["text"])


def test_thoughts_may_spend_the_whole_bound_and_leave_no_parts(caller):
    body = {"contents": CONTENTS, "generationConfig": {"maxOutputTokens": 50}}
    reply = post(caller, body).json()
    assert reply["candidates"][0] == {
        "content": {"role": "model"},
        "index": 0,
        "finishReason": "MAX_TOKENS",
    }
    assert reply["usageMetadata"]["thoughtsTokenCount"] == 50


def test_a_stream_is_responses_of_which_the_last_has_a_finish_reason(caller):
    reply = caller.ask("gemini", SUM, stream=True)
    events = data_of(reply.text)
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert len(events) > 1
    assert ["finishReason" in e["candidates"][0] for e in events] == [False] * (len(events) - 1) + [
        True
    ]
    assert text_of("gemini", events) == SAID
    assert events[-1]["usageMetadata"] == caller.ask("gemini", SUM).json()["usageMetadata"]


def test_without_sse_the_stream_is_one_json_array(caller):
    reply = post(caller, {"contents": CONTENTS}, action="streamGenerateContent")
    assert text_of("gemini", json.loads(reply.text)) == SAID


def test_both_spellings_of_protobufs_names_are_read(caller):
    body = {
        "contents": CONTENTS,
        "system_instruction": {"parts": [{"text": "End with 'Final answer: x'."}]},
        "generation_config": {"max_output_tokens": 1000, "topP": 0.5},
    }
    text = post(caller, body).json()["candidates"][0]["content"]["parts"][0]["text"]
    assert text.endswith("Final answer: 42")


def test_the_vendors_own_earlier_turns_have_the_role_model(caller):
    contents = [
        *CONTENTS,
        {"role": "model", "parts": [{"text": SAID}]},
        {"parts": [{"text": "Is 91 a prime number?"}]},
    ]
    text = post(caller, {"contents": contents}).json()["candidates"][0]["content"]["parts"][0][
        "text"
    ]
    assert text == "No, 91 is not a prime number; it is divisible by 7."


def test_a_key_in_the_query_is_a_key_too(caller):
    url = f"{caller.simulator.gemini_url}/v1beta/models/gemini-2.5-pro:generateContent?key=x"
    assert caller.client.post(url, json={"contents": CONTENTS}).status_code == 200


def test_models_are_listed(caller):
    listed = caller.client.get(f"{caller.simulator.gemini_url}/v1beta/models").json()
    assert "models/gemini-2.5-pro" in {m["name"] for m in listed["models"]}


def test_a_missing_key_is_403_and_a_wrong_one_400_as_at_google(caller):
    missing = post(caller, {"contents": CONTENTS}, key=None)
    assert (missing.status_code, missing.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    wrong = post(caller, {"contents": CONTENTS}, key="invalid")
    assert (wrong.status_code, wrong.json()["error"]["details"][0]["reason"]) == (
        400,
        "API_KEY_INVALID",
    )


def test_an_unknown_model_is_not_found(caller):
    error = post(caller, {"contents": CONTENTS}, model="gpt-5").json()["error"]
    assert (error["code"], error["status"]) == (404, "NOT_FOUND")
    assert error["message"].startswith("models/gpt-5 is not found for API version v1beta")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"contents": []}, "contents is not specified", id="no contents"),
        pytest.param({"contents": [{"role": "user"}]}, "parts must not be empty", id="no parts"),
        pytest.param(
            {"contents": [{"role": "king", "parts": [{"text": "x"}]}]},
            "Please use a valid role",
            id="a role",
        ),
        pytest.param(
            {"colour": "red"}, 'Unknown name "colour": Cannot find field.', id="an unknown name"
        ),
        pytest.param(
            {"generationConfig": {"colour": 1}},
            "Unknown name \"colour\" at 'generation_config'",
            id="in config",
        ),
        pytest.param(
            {"generationConfig": {"temperature": 3}},
            "must be in the range [0.0, 2.0]",
            id="too hot",
        ),
        pytest.param({"generationConfig": {"temperature": "hot"}}, "TYPE_FLOAT", id="not a number"),
        pytest.param(
            {"generationConfig": {"maxOutputTokens": 0}}, "must be positive", id="no tokens"
        ),
        pytest.param(
            {"generationConfig": {"maxOutputTokens": 65_537}},
            "the supported range is from 1 (inclusive) to 65537 (exclusive)",
            id="more tokens than the model writes",
        ),
        pytest.param(
            {"contents": [{"role": "user", "parts": [{"text": " word" * 1_048_577}]}]},
            "(1048577) exceeds the maximum number of tokens allowed (1048576)",
            id="a prompt longer than the model reads",
        ),
        pytest.param(
            {"generationConfig": {"candidateCount": 2}}, "Only one candidate", id="two candidates"
        ),
    ],
)
def test_what_google_refuses_is_refused_in_its_shape(caller, change, message):
    error = post(caller, {"contents": CONTENTS, **change}).json()["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert message in error["message"]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "parts", "text", "thinkingConfig", "temperature"]), inner
        )
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(["contents", "systemInstruction", "generationConfig", "generation_config"]),
        json_values,
    )
)
def test_any_body_is_understood_or_refused_never_a_crash(fields):
    head = Head({"x-goog-api-key": "x"}, model="gemini-2.5-pro", action="generateContent")
    ask, refused = None, None
    try:
        ask = GeminiWire().read(head, dumps({"contents": CONTENTS, **fields}))
    except RefusedRequestError as refusal:
        refused = refusal
    assert ask.turns if refused is None else refused.body["error"]["status"] == "INVALID_ARGUMENT"
