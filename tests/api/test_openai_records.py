"""Requests through the face are recorded, counted and given feedback on like others."""

import httpx
import openai
import pytest

from tests.support.openai_clients import client_of

ASKED = [{"role": "user", "content": "What is 17 + 25?"}]


def samples(url):
    lines = httpx.get(f"{url}/metrics", trust_env=False).text.splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def counted(before, after, name):
    return float(after.get(name, 0)) - float(before.get(name, 0))


def test_one_provider_asked_alone_counts_for_the_vendor_and_for_no_arm(start_gateway):
    url = start_gateway(SRP_TRAFFIC_PERCENTAGE="100").url
    rollout = httpx.get(f"{url}/api/v1/rollout", trust_env=False).json()
    before = samples(url)
    with client_of(url) as client:
        client.chat.completions.create(model="gpt", messages=ASKED)
        list(client.chat.completions.create(model="gpt", messages=ASKED, stream=True))
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="gpt", messages=ASKED, n=5)
    after = samples(url)
    assert counted(before, after, 'wallbounce_requests_total{arm="single",code="ok"}') == 2
    assert (
        counted(before, after, 'wallbounce_requests_total{arm="none",code="invalid_request"}') == 1
    )
    assert counted(before, after, 'provider_requests_total{outcome="answer",provider="gpt"}') == 2
    assert not any('wallbounce_requests_total{arm="wall_bounce"' in name for name in after)
    then = httpx.get(f"{url}/api/v1/rollout", trust_env=False).json()
    assert then["arms"] == rollout["arms"]


@pytest.mark.parametrize("model", ["gpt", "wallbounce"])
def test_feedback_on_a_completion_is_taken_by_the_id_that_is_in_it(face, model):
    with client_of(face) as client:
        reply = client.chat.completions.create(model=model, messages=ASKED)
    said = {"request_id": reply.id.removeprefix("chatcmpl-"), "correct": True}
    told = httpx.post(f"{face}/api/v1/feedback", json=said, trust_env=False)
    assert told.status_code == 202


def test_a_user_of_our_own_models_is_a_caller_of_the_split(start_gateway):
    url = start_gateway(SRP_TRAFFIC_PERCENTAGE="50").url
    with client_of(url) as client:
        paths = {
            user: {
                client.chat.completions.create(
                    model="wallbounce", messages=ASKED, user=user
                ).wallbounce["path"]
                for _ in range(3)
            }
            for user in map(str, range(12))
        }
    assert all(len(taken) == 1 for taken in paths.values())
    assert {path for taken in paths.values() for path in taken} == {"wall_bounce", "legacy"}


def test_on_the_legacy_path_a_stream_that_breaks_ends_in_an_error(start_gateway, vendors):
    url = start_gateway(
        SRP_TRAFFIC_PERCENTAGE="0", WALLBOUNCE_LEGACY_CHAIN="claude", WALLBOUNCE_RETRY_ATTEMPTS="1"
    ).url
    asked = {
        "model": "wallbounce",
        "messages": [{"role": "user", "content": "Explain at length why the sky is blue."}],
        "stream": True,
    }
    with client_of(url) as client:
        *_, last = client.chat.completions.create(**asked)
        assert (last.choices[0].finish_reason, last.wallbounce["path"]) == ("stop", "legacy")
        vendors.set_fault("claude", "cut")
        seen = []
        with pytest.raises(openai.APIError):
            seen.extend(chunk.choices[0] for chunk in client.chat.completions.create(**asked))
    assert not any(choice.finish_reason for choice in seen)


def test_a_merged_answer_streams_what_it_tells_at_once(face):
    asked = {
        "model": "wallbounce-critical",
        "messages": [{"role": "user", "content": "How do I keep bread fresh?"}],
        "extra_body": {"wallbounce": {"aggregation": "synthesize"}},
    }
    with client_of(face) as client:
        *chunks, last = client.chat.completions.create(stream=True, **asked)
        said = "".join(c.choices[0].delta.content or "" for c in chunks)
    assert last.wallbounce["answer_source"] in {"synthesis", "gpt", "claude", "gemini"}
    assert last.choices[0].finish_reason == "stop"
    assert said
