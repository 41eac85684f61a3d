"""OpenAI's own client before us: whole completions, models, what stands beside a reply."""

import asyncio

import pytest
from pydantic import BaseModel

from tests.support.openai_clients import async_client_of, client_of

ASKED = [{"role": "user", "content": "What is 17 + 25?"}]
SINGLE = {"gpt": "openai", "claude": "anthropic", "gemini": "google"}


@pytest.fixture
def client(face):
    with client_of(face) as client:
        yield client


@pytest.mark.parametrize("model", SINGLE)
def test_one_provider_s_reply_is_a_chat_completion_with_our_figures_beside_it(client, model):
    reply = client.chat.completions.create(model=model, messages=ASKED)
    choice = reply.choices[0]
    assert reply.object == "chat.completion"
    assert "42" in choice.message.content
    assert (choice.message.role, choice.finish_reason, choice.index) == ("assistant", "stop", 0)
    assert (choice.message.refusal, choice.message.tool_calls) == (None, None)
    used = reply.usage
    assert used.prompt_tokens > 0
    assert used.completion_tokens >= used.completion_tokens_details.reasoning_tokens
    assert used.total_tokens == used.prompt_tokens + used.completion_tokens
    ours = reply.wallbounce
    assert reply.id == f"chatcmpl-{ours['request_id']}"
    assert (ours["path"], ours["provider"], ours["vendor"]) == ("single", model, SINGLE[model])
    assert ours["cost_usd"] > 0


def test_only_the_one_provider_is_asked(client, vendors):
    client.chat.completions.create(model="claude", messages=ASKED)
    assert {name: counts["seen"] for name, counts in vendors.stats().items()} == {
        "gpt": 0,
        "claude": 1,
        "gemini": 0,
    }


@pytest.mark.parametrize("model", ["wallbounce", "wallbounce-premium", "wallbounce-critical"])
def test_our_own_models_ask_several_and_tell_of_the_vote(client, vendors, model):
    reply = client.chat.completions.create(model=model, messages=ASKED)
    ours = reply.wallbounce
    assert reply.model == model
    assert "42" in reply.choices[0].message.content
    assert ours["path"] == "wall_bounce"
    assert ours["consensus"]["status"] == "agreed"
    assert len(ours["votes"]) == (3 if model == "wallbounce-critical" else 2)
    assert "content" not in ours
    asked = sum(counts["seen"] for counts in vendors.stats().values())
    assert asked == len(ours["votes"])
    assert reply.usage.prompt_tokens == sum(v["usage"]["input_tokens"] for v in ours["votes"])


def test_wishes_about_the_vote_stand_in_a_field_of_ours(client):
    reply = client.chat.completions.create(
        model="wallbounce",
        messages=ASKED,
        extra_body={"wallbounce": {"providers": ["gpt", "gemini"], "mode": "sequential"}},
    )
    assert {v["provider"] for v in reply.wallbounce["votes"]} == {"gpt", "gemini"}
    assert len(reply.wallbounce["consensus"]["round_details"]) >= 1


def test_headers_tell_what_the_body_tells(client):
    raw = client.chat.completions.with_raw_response.create(
        model="wallbounce-critical", messages=ASKED
    )
    reply = raw.parse()
    ours = reply.wallbounce
    assert raw.headers["x-request-id"] == ours["request_id"]
    assert raw.headers["x-wallbounce-path"] == "wall_bounce"
    confidence = float(raw.headers["x-wallbounce-confidence"])
    assert confidence == pytest.approx(ours["consensus"]["confidence"], abs=1e-4)
    assert float(raw.headers["x-wallbounce-cost-usd"]) == pytest.approx(ours["cost_usd"])
    assert int(raw.headers["openai-processing-ms"]) >= 0
    assert reply._request_id == ours["request_id"]


def test_one_provider_s_headers_have_no_confidence(client):
    raw = client.chat.completions.with_raw_response.create(model="gpt", messages=ASKED)
    assert raw.headers["x-wallbounce-path"] == "single"
    assert "x-wallbounce-confidence" not in raw.headers
    assert float(raw.headers["x-wallbounce-cost-usd"]) > 0


def test_the_asynchronous_client_works_alike(face):
    async def ask():
        async with async_client_of(face) as client:
            models = [*SINGLE, "wallbounce"]
            return await asyncio.gather(
                *(client.chat.completions.create(model=m, messages=ASKED) for m in models)
            )

    assert all("42" in reply.choices[0].message.content for reply in asyncio.run(ask()))


def test_models_are_listed_and_retrieved(client):
    names = {model.id: model.owned_by for model in client.models.list()}
    assert names | {"wallbounce": "wallbounce", "gpt": "openai"} == names
    assert {"wallbounce-basic", "wallbounce-premium", "wallbounce-critical"} <= set(names)
    assert client.models.retrieve("claude").owned_by == "anthropic"


def test_the_vendor_s_own_name_for_the_configured_model_is_understood(client):
    reply = client.chat.completions.create(model="gpt-5", messages=ASKED)
    assert reply.wallbounce["provider"] == "gpt"
    assert client.models.retrieve("gpt-5").id == "gpt-5"


@pytest.mark.parametrize("model", ["claude", "gemini"])
def test_a_reply_ends_before_a_stop_text(client, model):
    reply = client.chat.completions.create(model=model, messages=ASKED, stop="42")
    assert "42" not in reply.choices[0].message.content
    assert reply.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("model", SINGLE)
def test_a_conversation_of_all_roles_and_parts_is_understood(client, model):
    reply = client.chat.completions.create(
        model=model,
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "system", "content": [{"type": "text", "text": "Answer with a number."}]},
            {"role": "user", "content": "What is 1 + 1?"},
            {"role": "assistant", "content": "2"},
            {"role": "user", "content": [{"type": "text", "text": "What is 17 + 25?"}]},
        ],
        max_completion_tokens=2_000,
        user="somebody",
        metadata={"team": "a"},
        n=1,
        store=False,
        logit_bias={},
        service_tier="auto",
    )
    assert "42" in reply.choices[0].message.content
    assert reply.wallbounce["metadata"] == {"team": "a"}


PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Q"
    "DwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize("model", [*SINGLE, "wallbounce-critical"])
def test_images_are_shown_to_the_models(client, model):
    parts = [
        {"type": "text", "text": "What is 17 + 25, and what do you see?"},
        {"type": "image_url", "image_url": {"url": PIXEL, "detail": "low"}},
    ]
    reply = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": parts}]
    )
    assert "I see 1 image" in reply.choices[0].message.content


class Sum(BaseModel):
    total: int
    words: str


@pytest.mark.parametrize("model", [*SINGLE, "wallbounce-critical"])
def test_a_reply_is_parsed_into_a_model_of_the_caller_s(client, model):
    reply = client.chat.completions.parse(model=model, messages=ASKED, response_format=Sum)
    assert isinstance(reply.choices[0].message.parsed, Sum)


@pytest.mark.parametrize("model", SINGLE)
def test_json_mode_gives_an_object(client, model):
    import json

    reply = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": "What is 17 + 25? Answer in JSON."}],
        response_format={"type": "json_object"},
    )
    assert isinstance(json.loads(reply.choices[0].message.content), dict)


@pytest.mark.parametrize("model", SINGLE)
def test_a_reply_cut_at_its_limit_is_given_as_it_came_and_says_length(client, model):
    reply = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": "Explain at length why the sky is blue."}],
        max_completion_tokens=16 if model != "gpt" else 140,
    )
    assert reply.choices[0].finish_reason == "length"
    assert reply.usage.completion_tokens <= 140


@pytest.mark.parametrize("model", SINGLE)
def test_a_reply_the_vendor_s_filter_withheld_says_so_and_never_stop(client, vendors, model):
    vendors.set_fault(model, "filtered")
    reply = client.chat.completions.create(model=model, messages=ASKED)
    assert reply.choices[0].finish_reason == "content_filter"


def test_what_a_model_is_asked_otherwise_is_told(client):
    reply = client.chat.completions.create(
        model="gpt",
        messages=[{"role": "user", "content": "What is 17 + 25?", "name": "ann"}],
        temperature=0.2,
    )
    adjusted = " ".join(reply.wallbounce["adjusted"])
    assert "temperature" in adjusted
    assert "names of participants" in adjusted


def test_a_budget_holds_for_one_provider_too(client):
    reply = client.chat.completions.create(
        model="claude", messages=ASKED, extra_body={"wallbounce": {"budget_usd": 0.05}}
    )
    assert reply.wallbounce["cost_usd"] <= 0.05
