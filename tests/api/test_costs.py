"""What an answer says of its cost: right to the token, or unknown and said so."""

import base64
import struct

import httpx
import pytest

QUESTION = "What is 17 + 25?"
PRICES = """
prices:
  - {vendor: openai, models: [gpt-house], per_million: {input: 1000, output: 2000}}
"""
PNG = base64.b64encode(
    b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 64, 64)
).decode()


def looking(url):
    return [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": QUESTION},
                {"type": "image_url", "image_url": {"url": url}},
            ],
        }
    ]


@pytest.fixture
def ask(start_gateway):
    def asked(env, **body):
        plain = {"prompt": QUESTION, "task_type": "critical"}
        gateway = start_gateway(**env)
        with httpx.Client(base_url=gateway.url, timeout=30, trust_env=False) as client:
            reply = client.post(
                "/api/v1/generate", json={k: v for k, v in (plain | body).items() if v is not None}
            )
            return reply, client.get("/metrics").text

    return asked


def by_provider(body):
    return {vote["provider"]: vote for vote in body["votes"]}


def test_a_model_nobody_prices_costs_null_never_0_and_is_named(ask):
    reply, metrics = ask({"OPENAI_MODEL": "gpt-house"})
    body = reply.json()
    votes = by_provider(body)
    assert votes["gpt"]["cost_usd"] is None
    assert votes["claude"]["cost_usd"] > 0
    assert body["cost_usd"] is None
    assert body["note"].startswith("the cost of gpt (gpt-house")
    assert body["note"].endswith("is unknown")
    assert 'wallbounce_cost_unknown_total{provider="gpt"} 1.0' in metrics


def test_a_budget_cannot_be_kept_with_it(ask):
    reply, _ = ask({"OPENAI_MODEL": "gpt-house"}, budget_usd=1.0)
    assert reply.status_code == 422
    assert "the price of gpt-house is unknown" in reply.json()["detail"]


def test_an_operators_price_is_what_it_costs(ask, tmp_path):
    (tmp_path / "prices.yaml").write_text(PRICES, encoding="utf-8")
    env = {"OPENAI_MODEL": "gpt-house", "WALLBOUNCE_PRICES": str(tmp_path / "prices.yaml")}
    body = ask(env)[0].json()
    vote = by_provider(body)["gpt"]
    usage = vote["usage"]
    # 1,000 and 2,000 USD a million tokens
    expected = usage["input_tokens"] * 1e-3 + usage["output_tokens"] * 2e-3
    assert vote["cost_usd"] == pytest.approx(expected)
    assert body["cost_usd"] > expected
    assert body["note"] is None


def test_a_budget_holds_over_an_image(ask):
    body = ask({}, prompt=None, messages=looking(f"data:image/png;base64,{PNG}"), budget_usd=0.5)
    assert body[0].status_code == 200, body[0].text
    assert 0 < body[0].json()["cost_usd"] <= 0.5


def test_a_budget_is_refused_over_an_image_of_unknown_size_that_nothing_scales_down(ask):
    env = {"OPENAI_MODEL": "gpt-6-astra"}
    reply, _ = ask(env, prompt=None, messages=looking("https://example.org/a.png"), budget_usd=50.0)
    assert reply.status_code == 422
    assert reply.json()["field"] == "budget_usd"
    assert "images of unknown size" in reply.json()["detail"]
