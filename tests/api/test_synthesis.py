"""Merged answers over HTTP: checked before they go out, and told how they came about."""

import pytest

from tests.support.sse import events


def ask(gateway, prompt, **body):
    reply = gateway.post(
        "/api/v1/generate",
        json={"prompt": prompt, "task_type": "critical", "aggregation": "synthesize"} | body,
    )
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_the_reasoning_tells_who_merged_and_that_it_was_checked(gateway):
    body = ask(gateway, "What is 17 + 25?")
    assert body["answer_source"] == "synthesis"
    assert body["consensus"]["reasoning"].endswith(
        f"{body['history'][-1]['provider']} merged the answers, and every sentence was checked against them."
    )


def test_it_is_told_in_japanese_to_a_japanese_question(gateway):
    body = ask(gateway, "クジラは哺乳類ですか。")
    assert body["answer_source"] == "synthesis"
    assert body["consensus"]["reasoning"].endswith(
        "が回答を統合し、一文ごとに各回答と照合しました。"
    )


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        (
            "Write a Python function is_even(n) that returns True for even integers.",
            "Nothing was merged",
        ),
        ("文字列sを逆順にするPythonの式を書いてください。", "統合は行わず"),
    ],
)
def test_of_programs_one_is_returned_as_it_is(gateway, prompt, told):
    body = ask(gateway, prompt)
    said = {v["provider"]: v["content"] for v in body["votes"]}
    assert body["content"] == said[body["answer_source"]]
    assert "programs are not merged" in body["note"]
    assert told in body["consensus"]["reasoning"]
    assert body["history"] == []


def test_only_the_checked_text_is_streamed(gateway):
    asked = {
        "prompt": "Is 91 a prime number?",
        "task_type": "critical",
        "aggregation": "synthesize",
        "stream": True,
    }
    with gateway.stream("POST", "/api/v1/generate", json=asked) as reply:
        got = list(events(reply))
    deltas = "".join(event.data["text"] for event in got if event.name == "delta")
    assert got[-1].name == "result"
    assert deltas == got[-1].data["content"]


def test_a_synthesis_costs_what_its_calls_cost_within_the_budget(gateway):
    body = ask(gateway, "Is 91 a prime number?", budget_usd=0.2)
    calls = body["votes"] + body["history"]
    assert body["cost_usd"] == pytest.approx(sum(call["cost_usd"] for call in calls))
    assert body["cost_usd"] <= 0.2
