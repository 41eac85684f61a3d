"""What the simulated Gemini makes of functions, images, formats, stop sequences and thinking."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.simulator.gemini_wire import GeminiWire
from providers.simulator.wire import Head, RefusedRequestError, dumps
from tests.unit.providers.simulator.streams import data_of

SUM = "What is 17 + 25?"
SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]}
TOOLS = [{"functionDeclarations": [{"name": "get_weather", "parametersJsonSchema": SCHEMA}]}]
SECOND, THIRD = "gemini-2.5-pro", "gemini-3.8-flash"


def said(*parts, role="user"):
    return {"role": role, "parts": list(parts)}


USER = said({"text": SUM})


def call(signature=None, **more):
    part = {"functionCall": {"name": "get_weather", "args": {"at": "x"}, **more}}
    return part | ({"thoughtSignature": signature} if signature else {})


def result(**more):
    return {"functionResponse": {"name": "get_weather", "response": {"sky": "clear"}, **more}}


def post(caller, body, model=SECOND, action="generateContent"):
    url = f"{caller.simulator.gemini_url}/v1beta/models/{model}:{action}"
    return caller.client.post(
        url, json={"contents": [USER], **body}, headers={"x-goog-api-key": "test"}
    )


def parts_of(reply):
    return reply.json()["candidates"][0]["content"]["parts"]


CALLING = {"contents": [said({"text": "Call get_weather."})], "tools": TOOLS}


def test_gemini_3_signs_its_calls_and_names_them_by_id_older_ones_do_not(caller):
    [new], [old] = (parts_of(post(caller, CALLING, model)) for model in (THIRD, SECOND))
    assert new["functionCall"]["id"]
    assert new["thoughtSignature"]
    assert old.keys() == {"functionCall"}
    assert old["functionCall"].keys() == {"name", "args"}
    assert list(old["functionCall"]["args"]) == ["at"]


def test_a_call_streams_whole_and_ends_with_stop(caller):
    reply = post(caller, CALLING, SECOND, "streamGenerateContent?alt=sse")
    events = data_of(reply.text.replace("\r\n", "\n"))
    last = events[-1]["candidates"][0]
    assert "functionCall" in last["content"]["parts"][0]
    assert last["finishReason"] == "STOP"


def test_a_functions_response_is_answered(caller):
    turns = [USER, said(call("s", id="i"), role="model"), said(result(id="i"))]
    [part] = parts_of(post(caller, {"contents": turns, "tools": TOOLS}, THIRD))
    assert part["text"] == 'get_weather says: {"sky":"clear"}'


def test_a_format_makes_json_of_its_shape(caller):
    schema = {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
    }
    for key in ("responseSchema", "responseJsonSchema"):
        config = {"responseMimeType": "application/json", key: schema}
        [part] = parts_of(post(caller, {"generationConfig": config}))
        assert "42" in json.loads(part["text"])["answer"]


def test_a_stop_sequence_ends_the_text(caller):
    [part] = parts_of(post(caller, {"generationConfig": {"stopSequences": ["is"]}}))
    assert part["text"] == "The sum of 17 and 25 "


def test_images_are_seen(caller):
    inline = {"inlineData": {"mimeType": "image/png", "data": "eA=="}}
    file = {"fileData": {"fileUri": "https://x.test/a.png"}}
    [part] = parts_of(post(caller, {"contents": [said(inline, file)]}))
    assert part["text"].startswith("I see 2 images.")


def test_levels_and_budgets_move_the_tokens_of_thoughts(caller):
    def thought(model, **thinking):
        reply = post(caller, {"generationConfig": {"thinkingConfig": thinking}}, model).json()
        return reply["usageMetadata"].get("thoughtsTokenCount", 0)

    low, medium, high = (thought(THIRD, thinkingLevel=word) for word in ("low", "MEDIUM", "high"))
    assert 0 < low < medium < high
    assert 0 < thought(SECOND, thinkingBudget=512) < thought(SECOND, thinkingBudget=16_384)
    assert thought("gemini-2.5-flash", thinkingBudget=0) == 0


def config(**fields):
    return {"generationConfig": fields}


def thinking(**fields):
    return config(thinkingConfig=fields)


@pytest.mark.parametrize(
    ("model", "body", "words"),
    [
        pytest.param(SECOND, config(presencePenalty=0.5), "Penalty is not enabled for models/gemini-2.5-pro", id="a penalty since 2.5"),
        pytest.param(SECOND, config(seed=2**31), "Invalid value at 'generation_config.seed'", id="a seed of 64 bits"),
        pytest.param(SECOND, config(stopSequences=list("abcdef")), "stop_sequences", id="six stops"),
        pytest.param(SECOND, thinking(thinkingLevel="low"), "Thinking level is not supported", id="a level before 3"),
        pytest.param(THIRD, thinking(thinkingLevel="minimal"), "Thinking level MINIMAL is not supported", id="no minimal since 3.7"),
        pytest.param(THIRD, thinking(thinkingLevel="low", thinkingBudget=1024), "only set only one of", id="level and budget"),
        pytest.param(SECOND, thinking(thinkingBudget=40_000), "The thinking budget 40000 is invalid", id="a large budget"),
        pytest.param("gemini-2.0-flash", thinking(thinkingBudget=10), "Thinking budget is not supported", id="a budget before 2.5"),
        pytest.param(SECOND, config(responseJsonSchema=SCHEMA), "only allowed when response_mime_type", id="a schema of no JSON"),
        pytest.param(SECOND, config(responseMimeType="application/json", responseSchema=SCHEMA | {"additionalProperties": False}), 'Unknown name "additionalProperties"', id="JSON Schema where OpenAPI is due"),
        pytest.param(SECOND, {"tools": TOOLS} | config(responseMimeType="application/json"), "Function calling with a response mime type", id="JSON beside functions"),
        pytest.param(SECOND, {"tools": [{"functionDeclarations": [{"name": "1a"}]}]}, "Invalid function name", id="a name that begins with a digit"),
        pytest.param(SECOND, {"tools": [{"functionDeclarations": [{"name": "a"}, {"name": "a"}]}]}, "Duplicate function declaration", id="one name twice"),
        pytest.param(SECOND, {"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}}, "set without function_declarations", id="a mode of no functions"),
        pytest.param(SECOND, {"tools": TOOLS, "toolConfig": {"functionCallingConfig": {"mode": "AUTO", "allowedFunctionNames": ["get_weather"]}}}, "only allowed when mode is ANY", id="names that are only allowed"),
        pytest.param(SECOND, {"contents": [USER, said(result())]}, "function response turn comes immediately after", id="a response of no call"),
        pytest.param(SECOND, {"contents": [USER, said(call(), call(), role="model"), said(result())]}, "the number of function response parts", id="a response too few"),
        pytest.param(THIRD, {"contents": [USER, said(call(), role="model"), said(result())]}, "missing a thought_signature", id="a call that lost its signature"),
        pytest.param(SECOND, {"contents": [USER, said(call(id="i"), role="model"), said(result())]}, 'Unknown name "id"', id="an id before 3"),
        pytest.param(SECOND, {"contents": [said({"inlineData": {"mimeType": "image/gif", "data": "eA=="}})]}, "Unsupported MIME type: image/gif", id="a GIF"),
        pytest.param("gemini-2.0-flash", {"contents": [said({"fileData": {"fileUri": "https://x.test/a.png"}})]}, "unsupported file uri", id="a URL before 2.5"),
    ],
)  # fmt: skip
def test_what_google_refuses_is_refused_in_its_words(caller, model, body, words):
    reply = post(caller, body, model)
    assert (reply.status_code, reply.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert words in reply.json()["error"]["message"]


WORDS = ["name", "args", "response", "id", "mode", "allowedFunctionNames", "functionDeclarations", "functionCallingConfig", "parameters", "type", "properties", "items", "anyOf", "mimeType", "data", "fileUri", "thinkingLevel", "thinkingBudget"]  # fmt: skip
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["ANY", "AUTO", "low", "object", "image/png", "a", "application/json"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
    ),
    max_leaves=10,
)
CONFIG = st.sampled_from(["seed", "stopSequences", "thinkingConfig", "responseMimeType", "responseSchema", "responseJsonSchema", "topP"])  # fmt: skip
PART = st.sampled_from(["text", "inlineData", "fileData", "functionCall", "functionResponse", "thoughtSignature"])  # fmt: skip
contents = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["user", "model"]),
            "parts": st.lists(st.dictionaries(PART, json_values) | st.just(call()) | st.just(result()), max_size=3),
        }
    ),
    max_size=4,
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(["tools", "toolConfig"]), json_values),
    st.dictionaries(CONFIG, json_values),
    contents,
    st.sampled_from([SECOND, THIRD, "gemma-3-27b-it"]),
)
def test_any_body_is_understood_or_refused_never_a_crash(fields, generation, more, model):
    body = {"contents": [USER, *more], "generationConfig": generation, **fields}
    head = Head({"x-goog-api-key": "test"}, {}, model, "generateContent")
    ask, refused = None, None
    try:
        ask = GeminiWire().read(head, dumps(body))
    except RefusedRequestError as refusal:
        refused = refusal
    assert ask.turns if refused is None else refused.body["error"]["code"] == 400
