"""Feedback teaches whom to believe: at once, on every worker and instance, and over restarts."""

import time

import httpx
import pytest

from tests.support.gateway_process import RunningGateway

# Two vendors say 408, gemini says 398; here gemini is taken to be right.
CONTESTED = {"prompt": "What is 17 times 24?", "task_type": "critical"}
MINORITY = "gemini"
STEADY = {"AUTO_ROLLBACK_ERROR_RATE": "1", "AUTO_ROLLBACK_MIN_REQUESTS": "2000"}


def client_of(gateway):
    return httpx.Client(base_url=gateway.url, timeout=30, trust_env=False)


def ask(client):
    reply = client.post("/api/v1/generate", json=CONTESTED)
    assert reply.status_code == 200, reply.text
    return reply.json()


def tell(client, answer, correct):
    said = {"request_id": answer["request_id"], "correct": correct}
    return client.post("/api/v1/feedback", json=said)


def judged(client, right=MINORITY):
    """One answer, and whether it is right told to the gateway."""
    answer = ask(client)
    assert tell(client, answer, answer["answer_source"] == right).status_code == 202
    return answer


def until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
    pytest.fail(f"it did not come to pass within {seconds} s")


def lessons(client):
    return client.get("/health").json()["learning"]["lessons"]


def minority_wins(client):
    return ask(client)["answer_source"] == MINORITY


def test_a_minority_that_is_right_again_and_again_comes_to_win(start_gateway):
    with client_of(start_gateway(**STEADY)) as client:
        first = judged(client)
        assert first["answer_source"] != MINORITY
        assert first["consensus"]["confidence_source"] == "prior"
        until(lambda: judged(client)["answer_source"] == MINORITY)
        until(lambda: judged(client)["consensus"]["confidence_source"] == "calibrated")
        answer = ask(client)
        metrics = client.get("/metrics").text
    assert answer["answer_source"] == MINORITY
    assert answer["consensus"]["confidence"] > first["consensus"]["confidence"]
    weights = {vote["provider"]: vote["weight"] for vote in answer["votes"]}
    assert weights[MINORITY] > weights["gpt"] + weights["claude"]
    assert 'learning_fits_total{outcome="fitted"}' in metrics
    assert 'consensus_confidence_outcomes_total{bin="0.6",correct="false"}' in metrics


def test_what_was_learned_survives_a_crash(start_gateway):
    gateway = start_gateway(**STEADY)
    with client_of(gateway) as client:
        until(lambda: judged(client)["answer_source"] == MINORITY)
        # A kill costs the records of the last 200 ms, and with them what their labels teach.
        until(lambda: "\njournal_pending 0.0\n" in client.get("/metrics").text)
        taught = lessons(client)
    gateway.kill9()
    gateway.start()
    with client_of(gateway) as client:
        until(lambda: lessons(client) == taught)
        until(lambda: minority_wins(client))


def test_a_correction_takes_the_place_of_the_label_before_it(start_gateway):
    with client_of(start_gateway(**STEADY)) as client:
        answer = judged(client)
        until(lambda: ask(client)["consensus"]["confidence"] < answer["consensus"]["confidence"])
        assert tell(client, answer, True).status_code == 202
        until(lambda: ask(client)["consensus"]["confidence"] > answer["consensus"]["confidence"])
        assert lessons(client) == 1


def test_all_workers_come_to_know_what_one_was_told(start_gateway):
    gateway = start_gateway("--workers", "2", **STEADY)
    with client_of(gateway) as client:
        judged(client)

    def known_everywhere():
        # A connection of its own each time: any worker may take it.
        heard = [httpx.get(f"{gateway.url}/health", timeout=30).json() for _ in range(12)]
        return all(body["learning"]["lessons"] == 1 for body in heard)

    until(known_everywhere)


def test_switched_off_nothing_is_learned_and_the_prior_judges(start_gateway):
    with client_of(start_gateway(LEARNING_ENABLED="false", **STEADY)) as client:
        before = judged(client)
        for _ in range(12):
            judged(client)
        after = ask(client)
        health = client.get("/health").json()["learning"]
    assert health == {
        "enabled": False,
        "lessons": 0,
        "policy": 0,
        "frozen": False,
    }
    assert after["consensus"]["confidence"] == before["consensus"]["confidence"]
    assert after["consensus"]["confidence_source"] == "prior"


def test_a_rating_alone_teaches_nothing(start_gateway):
    with client_of(start_gateway(**STEADY)) as client:
        answer = ask(client)
        said = {"request_id": answer["request_id"], "rating": 1}
        assert client.post("/api/v1/feedback", json=said).status_code == 202
        judged(client)
        assert lessons(client) == 1


@pytest.fixture
def instances(vendors, own_postgres_cluster, tmp_path):
    """Two gateways, and the PostgreSQL they share."""
    env = vendors.environment | STEADY | {"DATABASE_URL": own_postgres_cluster.new_database()}
    for name in "12":
        (tmp_path / name).mkdir()
    with (
        RunningGateway(env | {"SRP_INSTANCE_ID": "one"}, tmp_path / "1") as one,
        RunningGateway(env | {"SRP_INSTANCE_ID": "two"}, tmp_path / "2") as two,
        client_of(one) as first,
        client_of(two) as second,
    ):
        yield first, second, own_postgres_cluster


def test_an_instance_learns_from_what_another_was_told(instances):
    one, two, _ = instances
    until(lambda: judged(one)["answer_source"] == MINORITY)
    until(lambda: lessons(two) == lessons(one))
    until(lambda: minority_wins(two))


def test_while_the_database_is_away_what_was_learned_goes_on(instances):
    one, _, postgres = instances
    until(lambda: judged(one)["answer_source"] == MINORITY)
    taught = lessons(one)
    postgres.stop()
    answer = ask(one)
    assert answer["answer_source"] == MINORITY
    refused = tell(one, answer, True)
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert lessons(one) == taught
    postgres.start()
    until(lambda: tell(one, answer, True).status_code == 202)
    until(lambda: lessons(one) == taught + 1)
