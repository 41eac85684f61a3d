"""Several arms in a running gateway: who is in which, what each asks, and that the caller's word counts."""

import sqlite3
import time

import httpx
import pytest

QUESTION = {"prompt": "What is 17 + 25?"}
PLAN = """\
name: two-ways
stages: [60, 100]
shadow: 100
arms:
  - name: pair
    providers: [gpt, claude]
    weights: {gpt: 3}
  - name: bounce
    split: 2
    mode: sequential
    providers: [gpt, mistral, gemini]
"""


@pytest.fixture
def gateway(start_gateway, tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    return start_gateway(SRP_ROLLOUT_PLAN="plan.yaml", SRP_TRAFFIC_PERCENTAGE="100")


@pytest.fixture
def client(gateway):
    with httpx.Client(base_url=gateway.url, timeout=30, trust_env=False) as client:
        end = time.monotonic() + 10
        while client.get("/api/v1/rollout").json()["stage"] != "60":
            assert time.monotonic() < end
            time.sleep(0.02)
        yield client


def ask(client, **body):
    reply = client.post("/api/v1/generate", json=QUESTION | body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def in_arm(client, name, **body):
    """What a caller of that arm gets; the callers are the same in every run."""
    for number in range(200):
        caller = f"user-{number}"
        if ask(client, user_id=caller)["rollout"]["variant"] == name:
            return ask(client, user_id=caller, **body)
    pytest.fail(f"of 200 callers nobody is in {name}")


def test_callers_are_split_over_the_arms_and_stay_in_theirs(client):
    first = {n: ask(client, user_id=f"user-{n}")["rollout"] for n in range(60)}
    again = {n: ask(client, user_id=f"user-{n}")["rollout"] for n in range(60)}
    assert first == again
    counts = {
        arm: sum(place["variant"] == arm for place in first.values())
        for arm in ("legacy", "pair", "bounce")
    }
    assert sum(counts.values()) == 60
    assert all(counts.values())
    for place in first.values():
        assert (place["bucket"] < 0.6) == (place["variant"] != "legacy")


def test_each_arm_asks_as_its_policy_says(client):
    pair, bounce = in_arm(client, "pair"), in_arm(client, "bounce")
    assert {v["provider"] for v in pair["votes"]} == {"gpt", "claude"}
    assert (pair["path"], pair["srp_processed"], pair["note"]) == ("wall_bounce", True, None)
    assert {v["provider"] for v in bounce["votes"]} == {"gpt", "gemini"}
    assert (bounce["path"], bounce["srp_processed"]) == ("wall_bounce", True)
    assert bounce["note"] == "the arm's mistral left out: not configured"
    weights = {v["provider"]: v["weight"] for v in pair["votes"]}
    assert weights["gpt"] > 2 * weights["claude"]


def test_the_caller_s_word_stands_over_the_arm_s(client):
    named = in_arm(client, "pair", providers=["gemini"])
    assert [v["provider"] for v in named["votes"]] == ["gemini"]
    critical = in_arm(client, "pair", task_type="critical")
    assert {v["provider"] for v in critical["votes"]} == {"gpt", "claude", "gemini"}
    contested = {"prompt": "Is 91 a prime number?", "task_type": "critical"}
    assert in_arm(client, "bounce", **contested)["consensus"]["rounds"] > 1
    assert in_arm(client, "bounce", **contested, mode="parallel")["consensus"]["rounds"] == 1


def test_records_and_metrics_know_the_arms_by_their_names(gateway, client):
    for arm in ("pair", "bounce", "legacy"):
        in_arm(client, arm)
    text = client.get("/metrics").text
    for arm in ("pair", "bounce", "legacy"):
        assert f'wallbounce_requests_total{{arm="{arm}",code="ok"}}' in text
    gateway.stop()
    with sqlite3.connect(gateway.folder / ".wallbounce" / "wallbounce.sqlite3") as database:
        kept = dict(database.execute("select arm, mode from requests group by arm"))
        asked = {
            row[0]
            for row in database.execute(
                "select distinct provider from votes join requests using (request_id)"
                " where arm = 'shadow'"
            )
        }
    assert kept == {
        "pair": "parallel",
        "bounce": "sequential",
        "legacy": "parallel",
        "shadow": "parallel",
    }
    # The plan's share of shadows, under its first arm's policy.
    assert asked == {"gpt", "claude"}
