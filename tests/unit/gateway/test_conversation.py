"""What a caller may say and show, and what is refused before any vendor is asked."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.conversation import IMAGES_MAX, PROMPT_CHARS_MAX
from gateway.requests import GenerateRequest
from providers.messages import ImagePart, JsonFormat, Message, TextPart

PIXEL = "data:image/png;base64,iVBORw0KGgo="


def text(said):
    return {"type": "text", "text": said}


def image(url=PIXEL, **more):
    return {"type": "image_url", "image_url": {"url": url} | more}


def user(*parts):
    return {"role": "user", "content": list(parts)}


def asked(*turns, **body):
    return GenerateRequest.model_validate({"messages": list(turns)} | body)


def test_texts_and_images_keep_their_order():
    prompt = asked(
        user(text("Before"), image("https://a.example/b.png", detail="low"), text("what?"), image())
    ).to_prompt()
    assert prompt.messages[0].parts == (
        TextPart("Before"),
        ImagePart(url="https://a.example/b.png", detail="low"),
        TextPart("what?"),
        ImagePart(data="iVBORw0KGgo=", media_type="image/png"),
    )
    assert prompt.question == "Before\n\nwhat?"


def test_parts_of_text_alone_are_a_plain_text():
    prompt = asked(user(text("One"), text("two?"))).to_prompt()
    assert prompt.messages == (Message("user", "One\n\ntwo?"),)


def test_a_misnamed_media_type_gets_its_registered_name():
    prompt = asked(user(text("x"), image("data:image/JPG;base64,AAAA"))).to_prompt()
    assert prompt.messages[0].images[0].media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        pytest.param("http://a.example/b.png", "https", id="in the clear"),
        pytest.param("file:///etc/passwd", "https", id="a file"),
        pytest.param("https://", "no address", id="no host"),
        pytest.param("https://a.example/b c.png", "no address", id="a blank"),
        pytest.param("https://[a", "IPv6", id="no host that could be"),
        pytest.param("https://a.example/" + "b" * 9_000, "at most", id="endless"),
        pytest.param("data:text/plain;base64,AAAA", "must be an image", id="no image"),
        pytest.param("data:image/png,AAAA", "in base64", id="not in base64"),
        pytest.param("data:image/png;base64,A*A=", "base64", id="no base64"),
        pytest.param("data:image/png;base64,AAA", "base64", id="cut base64"),
        pytest.param("data:image/png;base64,", "empty", id="nothing"),
        pytest.param("", "at least 1", id="blank"),
    ],
)
def test_what_is_no_image_is_refused(url, why):
    with pytest.raises(ValidationError, match=why):
        asked(user(text("What is it?"), image(url)))


@pytest.mark.parametrize(
    ("turns", "why"),
    [
        pytest.param(
            [{"role": "system", "content": "x"}], "end with a turn of the user", id="last"
        ),
        pytest.param([user(image())], "in words", id="asks nothing in words"),
        pytest.param([user(text(" "))], "blank", id="a blank part"),
        pytest.param([user()], "at least 1", id="no part"),
        pytest.param([user({"type": "audio"})], "audio", id="an unknown part"),
        pytest.param([{"role": "user", "content": 7}], "a text or a list", id="a number"),
        pytest.param(
            [{"role": "assistant", "content": [image()]}, user(text("x"))],
            "turns of the user",
            id="an image of the assistant's",
        ),
        pytest.param([user(text("x"), *[image()] * (IMAGES_MAX + 1))], "images", id="too many"),
        pytest.param(
            [user(text("x" * PROMPT_CHARS_MAX), text("x"))], "in all", id="too long in all"
        ),
        pytest.param([user(text("x"), image(size=7))], "Extra", id="an unknown field"),
    ],
)
def test_a_conversation_that_vendors_would_refuse_is_refused(turns, why):
    with pytest.raises(ValidationError, match=why):
        asked(*turns)


def test_the_data_of_images_does_not_count_as_text():
    data = base64.b64encode(bytes(PROMPT_CHARS_MAX)).decode()
    request = asked(user(text("What is it?"), image(f"data:image/png;base64,{data}")))
    assert sum(map(len, request.texts)) == len("What is it?")


@given(st.binary(min_size=1, max_size=60))
def test_whatever_is_shown_arrives(data):
    encoded = base64.b64encode(data).decode()
    prompt = asked(user(text("x"), image(f"data:image/webp;base64,{encoded}"))).to_prompt()
    assert base64.b64decode(prompt.messages[0].images[0].data) == data


SHAPE = {"type": "object", "properties": {"n": {"type": "integer"}}}


def test_the_wishes_arrive_in_the_providers_words():
    request = GenerateRequest.model_validate(
        {
            "prompt": "Which?",
            "top_p": 0.5,
            "seed": 7,
            "stop": "END",
            "reasoning_effort": "low",
            "frequency_penalty": -1,
            "presence_penalty": 1.5,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "n", "schema": SHAPE, "strict": True, "description": "d"},
            },
        }
    )
    prompt = request.to_prompt()
    assert (prompt.top_p, prompt.seed, prompt.stop) == (0.5, 7, ("END",))
    assert (prompt.frequency_penalty, prompt.presence_penalty) == (-1, 1.5)
    assert prompt.reasoning_effort == "low"
    assert prompt.format == JsonFormat(SHAPE, "n", "d", strict=True)


@pytest.mark.parametrize(
    ("wished", "format_"),
    [({"type": "text"}, None), ({"type": "json_object"}, JsonFormat())],
)
def test_the_plain_forms_of_a_reply(wished, format_):
    request = GenerateRequest.model_validate({"prompt": "Which?", "response_format": wished})
    assert request.to_prompt().format == format_


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"top_p": 1.1}, id="top_p"),
        pytest.param({"seed": 2**63}, id="seed"),
        pytest.param({"seed": 1.5}, id="a broken seed"),
        pytest.param({"stop": ["a"] * 5}, id="five stops"),
        pytest.param({"stop": [""]}, id="an empty stop"),
        pytest.param({"stop": []}, id="no stop"),
        pytest.param({"reasoning_effort": "much"}, id="effort"),
        pytest.param({"presence_penalty": 2.1}, id="penalty"),
        pytest.param({"response_format": {"type": "xml"}}, id="format"),
        pytest.param(
            {"response_format": {"type": "json_schema", "json_schema": {"schema": SHAPE}}},
            id="a schema without a name",
        ),
        pytest.param(
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "n", "schema": {"description": "x" * 120_000}},
                }
            },
            id="an endless schema",
        ),
        pytest.param(
            {"response_format": {"type": "json_object"}, "mode": "sequential"}, id="in rounds"
        ),
        pytest.param(
            {"response_format": {"type": "json_object"}, "aggregation": "synthesize"}, id="merged"
        ),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(body):
    with pytest.raises(ValidationError):
        GenerateRequest.model_validate({"prompt": "Which?"} | body)


def test_what_is_shown_tells_requests_apart_and_what_is_said_stays_the_same():
    shown = asked(user(text("Which?"), image()))
    assert shown.images == (PIXEL,)
    assert shown.question == "Which?" == GenerateRequest(prompt="Which?").question
