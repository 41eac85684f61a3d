"""POST /api/v1/generate, as API.md words it."""

import hashlib

import pytest

QUESTION = "What is 17 + 25?"
ALL = ("gpt", "claude", "gemini")


def ask(gateway, **body):
    return gateway.post("/api/v1/generate", json={"prompt": QUESTION} | body)


def test_three_vendors_give_one_answer_with_votes_and_figures(gateway):
    reply = ask(gateway, task_type="critical", metadata={"team": "数学"})
    body = reply.json()
    assert reply.status_code == 200
    assert body["path"] == "wall_bounce"
    assert body["srp_processed"] is True
    assert "42" in body["content"]
    assert body["answer_source"] in ALL
    assert {v["provider"] for v in body["votes"]} == set(ALL)
    assert {v["vendor"] for v in body["votes"]} == {"openai", "anthropic", "google"}
    assert body["consensus"]["status"] == "agreed"
    assert body["consensus"]["dissent"] == []
    assert body["consensus"]["confidence"] > 0.7
    assert body["consensus"]["confidence_source"] == "prior"
    assert body["metadata"] == {"team": "数学"}
    assert body["rollout"]["stage"] == "100"
    assert body["safety"] is None
    assert body["cache"] is None


def test_select_returns_one_vendor_s_answer_verbatim(gateway):
    body = ask(gateway, task_type="critical").json()
    said = {v["provider"]: v["content"] for v in body["votes"]}
    assert body["content"] == said[body["answer_source"]]


def test_what_it_cost_is_what_its_votes_cost(gateway):
    body = ask(gateway, task_type="critical").json()
    assert body["cost_usd"] == pytest.approx(sum(v["cost_usd"] for v in body["votes"]))
    assert body["cost_usd"] > 0
    tokens = sum(v["usage"]["output_tokens"] for v in body["votes"])
    assert body["usage"]["output_tokens"] == tokens


def test_headers_say_the_most_of_it(gateway):
    reply = ask(gateway)
    body = reply.json()
    assert reply.headers["x-request-id"] == body["request_id"]
    assert reply.headers["x-wallbounce-path"] == "wall_bounce"
    confidence = float(reply.headers["x-wallbounce-confidence"])
    assert confidence == pytest.approx(body["consensus"]["confidence"], abs=1e-4)
    cost = float(reply.headers["x-wallbounce-cost-usd"])
    assert cost == pytest.approx(body["cost_usd"], abs=1e-7)


@pytest.mark.parametrize(
    ("wish", "asked"),
    [
        pytest.param({"task_type": "basic"}, {"gemini", "claude"}, id="basic"),
        pytest.param({"task_type": "premium"}, {"gpt", "gemini"}, id="premium"),
        pytest.param({"task_type": "critical"}, set(ALL), id="critical"),
        pytest.param({"providers": ["gpt"]}, {"gpt"}, id="named"),
        pytest.param({"max_providers": 3}, set(ALL), id="more than the table"),
        pytest.param({"max_providers": 1}, {"gemini"}, id="one"),
        pytest.param({"budget_usd": 0.009}, {"gemini"}, id="a small budget on basic"),
    ],
)
def test_task_type_and_wishes_choose_the_vendors(gateway, wish, asked):
    body = ask(gateway, **wish).json()
    assert {v["provider"] for v in body["votes"]} == asked


def test_a_small_budget_that_leaves_gemini_alone_says_so_and_holds(gateway):
    body = ask(gateway, budget_usd=0.009).json()
    assert "gemini" in body["note"]
    assert body["cost_usd"] <= 0.009
    assert body["consensus"]["status"] == "single"
    assert body["consensus"]["below_minimum"] is True


def test_a_dissenter_is_named_and_the_majority_is_returned(gateway):
    body = ask(gateway, prompt="Is 91 a prime number?", task_type="critical").json()
    assert body["consensus"]["status"] == "contested"
    assert len(body["consensus"]["dissent"]) == 1
    assert body["consensus"]["dissent"][0] in body["consensus"]["reasoning"]
    assert body["answer_source"] not in body["consensus"]["dissent"]


def test_japanese_is_asked_and_answered_in_japanese(gateway):
    body = ask(gateway, prompt="クジラは哺乳類ですか。", task_type="critical").json()
    assert "哺乳類" in body["content"]
    assert body["consensus"]["confidence"] > 0.7


def test_a_conversation_comes_as_messages(gateway):
    turns = [
        {"role": "system", "content": "Answer briefly."},
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "Hello. What would you like to know?"},
        {"role": "user", "content": QUESTION},
    ]
    body = gateway.post("/api/v1/generate", json={"messages": turns}).json()
    assert "42" in body["content"]


def test_sequential_mode_bounces_contested_answers_and_keeps_what_was_said_before(gateway):
    body = ask(
        gateway, prompt="Is 91 a prime number?", task_type="critical", mode="sequential"
    ).json()
    assert 2 <= body["consensus"]["rounds"] <= 3
    assert len(body["votes"]) == 3
    assert {v["round"] for v in body["history"]} >= {1}


def test_sequential_mode_stops_after_the_blind_round_when_all_agree(gateway):
    body = ask(gateway, task_type="critical", mode="sequential", depth=5).json()
    assert body["consensus"]["rounds"] == 1


def test_synthesize_has_one_model_merge_the_answers(gateway):
    body = ask(gateway, task_type="critical", aggregation="synthesize").json()
    assert body["answer_source"] == "synthesis"
    assert "42" in body["content"]
    assert len(body["votes"]) == 3
    assert len(body["history"]) == 1


def test_the_same_user_falls_into_the_same_bucket_every_time(gateway):
    buckets = {ask(gateway, user_id="u-1").json()["rollout"]["bucket"] for _ in range(3)}
    assert len(buckets) == 1
    assert 0 <= buckets.pop() < 1


def test_request_ids_are_never_given_twice(gateway):
    ids = {ask(gateway).json()["request_id"] for _ in range(5)}
    assert len(ids) == 5


def test_a_prompt_of_the_longest_length_is_taken(gateway):
    filler = hashlib.sha256(b"x").hexdigest()
    prompt = (filler * 3125)[: 200_000 - len(QUESTION) - 1] + " " + QUESTION
    assert len(prompt) == 200_000
    assert ask(gateway, prompt=prompt).status_code == 200
