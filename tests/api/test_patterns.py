"""Requests become patterns, labels reach them, and instances follow each other."""

import asyncio
import json
import re
import time

import httpx
import pytest

from gateway.storage.pattern_store import SqlPatternStore
from gateway.storage.sql import Database
from tests.support.gateway_process import RunningGateway

# Two vendors say 408, gemini says 398.
CONTESTED = {"prompt": "What is 17 times 24?", "task_type": "critical"}
OTHER = {"prompt": "Which city is the capital of Japan?", "task_type": "basic"}
STEADY = {"AUTO_ROLLBACK_ERROR_RATE": "1", "AUTO_ROLLBACK_MIN_REQUESTS": "2000"}


def until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
    pytest.fail(f"it did not come to pass within {seconds} s")


def client_of(gateway):
    return httpx.Client(base_url=gateway.url, timeout=30, trust_env=False)


def ask(client, body=CONTESTED):
    reply = client.post("/api/v1/generate", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


def tell(client, answer, correct):
    said = {"request_id": answer["request_id"], "correct": correct}
    assert client.post("/api/v1/feedback", json=said).status_code == 202


def figure(client, name):
    found = re.search(rf"^{name} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def patterns(url):
    """All patterns in the database."""

    async def read():
        database = await Database.open(url)
        try:
            return await SqlPatternStore(database).page(0, 1_000)
        finally:
            await database.aclose()

    return asyncio.run(read())


def sqlite(gateway):
    return f"sqlite:///{gateway.folder}/.wallbounce/wallbounce.sqlite3"


def test_a_label_tells_each_vendor_by_how_its_answer_lay_to_the_one_given_out(start_gateway):
    gateway = start_gateway(**STEADY)
    with client_of(gateway) as client:
        first, _ = ask(client), ask(client)
        ask(client, OTHER)
        tell(client, first, True)
        url = sqlite(gateway)
        found = until(
            lambda: [
                p for p in patterns(url) if p.labelled and sum(q.count for q in patterns(url)) == 3
            ]
        )
        (pattern,) = found
        assert len(patterns(url)) == 2 or pattern.count == 1  # merged only once the engine is open
        right = {name for name, tally in pattern.vendors.items() if tally.right}
        wrong = {name for name, tally in pattern.vendors.items() if tally.wrong}
        assert (right, wrong) == ({"gpt", "claude"}, {"gemini"})
        assert set(pattern.configuration.providers) == {"gpt", "claude", "gemini"}
        until(lambda: figure(client, "learning_pattern_count") == len(patterns(url)))
        assert figure(client, 'learning_errors_total{operation="register"}') == 0


def test_a_corrected_label_takes_back_what_the_first_one_gave(start_gateway):
    gateway = start_gateway(**STEADY)
    with client_of(gateway) as client:
        answer = ask(client)
        tell(client, answer, True)
        until(lambda: [p for p in patterns(sqlite(gateway)) if p.right])
        tell(client, answer, False)
        (pattern,) = until(lambda: [p for p in patterns(sqlite(gateway)) if p.wrong])
    assert (pattern.right, pattern.wrong) == (0, 1)
    assert {n: (t.right, t.wrong) for n, t in pattern.vendors.items()} == {
        "gpt": (0, 1),
        "claude": (0, 1),
        "gemini": (0, 0),
    }
    assert pattern.failure is not None


def test_what_was_registered_survives_a_kill_and_the_engine_comes_back_with_it(start_gateway):
    gateway = start_gateway(**STEADY)
    with client_of(gateway) as client:
        ask(client)
        until(lambda: figure(client, "learning_pattern_count") == 1)
    gateway.kill9()
    gateway.start()
    with client_of(gateway) as client:
        until(lambda: figure(client, "learning_pattern_count") == 1)
        ask(client)
        until(lambda: [p for p in patterns(sqlite(gateway)) if p.count == 2])


def test_words_are_kept_only_where_that_is_wanted(start_gateway):
    gateway = start_gateway(LEARNING_WORDS="off", **STEADY)
    with client_of(gateway) as client:
        ask(client, OTHER)
        (pattern,) = until(lambda: patterns(sqlite(gateway)))
    assert pattern.scenario.words == ()


@pytest.mark.parametrize("off", ["LEARNING_PATTERNS", "LEARNING_ENABLED"])
def test_switched_off_nothing_is_kept(start_gateway, off):
    gateway = start_gateway(**{off: "false"}, **STEADY)
    with client_of(gateway) as client:
        tell(client, ask(client), True)
    gateway.stop()
    assert patterns(sqlite(gateway)) == []
    assert not (gateway.folder / ".wallbounce" / "learning").exists()


def test_two_instances_over_one_database_follow_each_other(vendors, own_postgres_cluster, tmp_path):
    url = own_postgres_cluster.new_database()
    env = vendors.environment | STEADY | {"DATABASE_URL": url}
    folders = [tmp_path / "1", tmp_path / "2"]
    for folder in folders:
        folder.mkdir()
    with (
        RunningGateway(env | {"SRP_INSTANCE_ID": "one"}, folders[0]) as one,
        RunningGateway(env | {"SRP_INSTANCE_ID": "two"}, folders[1]) as two,
        client_of(one) as first,
        client_of(two) as second,
    ):
        answer = ask(first)
        until(lambda: figure(second, "learning_pattern_count") == 1)
        ask(second)  # joins the pattern the other one made
        until(lambda: [p for p in patterns(url) if p.count == 2])
        tell(second, answer, True)  # judged elsewhere than it was answered
        until(lambda: [p for p in patterns(url) if p.right == 1])
        ask(second, OTHER)
        until(lambda: figure(first, "learning_pattern_count") == 2)
        assert len(patterns(url)) == 2


def test_while_the_database_is_away_requests_go_on_and_become_patterns_later(
    vendors, own_postgres_cluster, tmp_path
):
    cluster = own_postgres_cluster
    url = cluster.new_database()
    with (
        RunningGateway(vendors.environment | STEADY | {"DATABASE_URL": url}, tmp_path) as gateway,
        client_of(gateway) as client,
    ):
        ask(client)
        until(lambda: figure(client, "learning_pattern_count") == 1)
        cluster.stop()
        for _ in range(3):
            ask(client, OTHER)
        until(lambda: figure(client, 'learning_errors_total{operation="register"}') > 0)
        cluster.start()
        until(lambda: sum(p.count for p in patterns(url)) == 4)


def test_two_workers_keep_a_folder_each(start_gateway):
    gateway = start_gateway("--workers", "2", **STEADY)
    kept = gateway.folder / ".wallbounce" / "learning"
    until(lambda: {p.name for p in kept.glob("engine-*")} == {"engine-0", "engine-1"})


def test_steered_by_what_was_learned_requests_say_what_they_were_advised(start_gateway):
    gateway = start_gateway(LEARNING_STEERING="full", LEARNING_ESCALATION="true", **STEADY)
    asked = {"prompt": "What is 17 times 24?", "task_type": "premium"}
    with client_of(gateway) as client:
        for _ in range(12):
            answer = ask(client, asked)
            tell(client, answer, answer["answer_source"] != "gemini")

        def advised():
            ask(client, asked)
            return figure(client, 'learning_advice_total{outcome="advised"}')

        until(advised)
        until(lambda: advised() and figure(client, 'learning_searches_total{cached="true"}'))
        assert figure(client, 'learning_advice_total{outcome="failed"}') == 0
    advice = until(lambda: [a for a in kept_advice(gateway) if a])[-1]
    assert advice["panel"]
    assert advice["neighbours"]
    assert advice["propensity"] == 1.0


def test_a_pair_is_asked_first_and_the_third_only_when_the_two_differ(start_gateway):
    gateway = start_gateway(LEARNING_STEERING="full", LEARNING_ESCALATION="true", **STEADY)
    calm = {"prompt": "Which city is the capital of Japan?", "task_type": "premium"}
    torn = {"prompt": "What is 17 times 24?", "task_type": "premium"}
    with client_of(gateway) as client:
        for _ in range(6):
            for question in (calm, torn):
                tell(client, ask(client, question | {"task_type": "critical"}), correct=True)

        def opened(question):
            before = figure(client, 'learning_advice_total{outcome="advised"}')
            answer = ask(client, question)
            after = figure(client, 'learning_advice_total{outcome="advised"}')
            return answer if after > before else None

        agreed = until(lambda: opened(calm))
        differed = until(lambda: opened(torn))
        everybody = ask(client, torn | {"task_type": "critical"})
        alone = ask(client, torn | {"providers": ["gemini", "claude"]})
    assert len(agreed["providers_used"]) == 2
    assert len(differed["votes"]) == 3 or len({v["final_answer"] for v in differed["votes"]}) == 1
    assert len(everybody["votes"]) == 3
    assert everybody["consensus"]["rounds"] == 1
    assert sorted(vote["provider"] for vote in alone["votes"]) == ["claude", "gemini"]
    panels = [a["panel"] for a in kept_advice(gateway) if a and a["opening_in_force"] == 2]
    assert all(len(panel) == 3 for panel in panels)
    assert panels


def test_without_escalation_as_many_are_asked_as_the_table_has(start_gateway):
    gateway = start_gateway(LEARNING_STEERING="full", **STEADY)
    asked = {"prompt": "Which city is the capital of Japan?", "task_type": "basic"}
    with client_of(gateway) as client:
        for _ in range(10):
            tell(client, ask(client, asked | {"task_type": "critical"}), correct=True)

        def advised():
            answer = ask(client, asked)
            return answer if figure(client, 'learning_advice_total{outcome="advised"}') else None

        answer = until(advised)
    assert len(answer["votes"]) == 2


def kept_advice(gateway):
    async def read():
        database = await Database.open(sqlite(gateway))
        try:
            async with database.read() as connection:
                found = await connection.exec_driver_sql("SELECT advice FROM requests ORDER BY at")
                return [json.loads(text) if text else None for (text,) in found]
        finally:
            await database.aclose()

    return asyncio.run(read())
