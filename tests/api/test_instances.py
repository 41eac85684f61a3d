"""Two instances over one PostgreSQL: one rollout, and a database that may go and come back."""

import time

import httpx
import pytest

from tests.api.conftest import OPERATOR_KEY
from tests.support.gateway_process import RunningGateway

QUESTION = {"prompt": "What is 17 + 25?"}
OPERATOR = {"authorization": f"Bearer {OPERATOR_KEY}"}


@pytest.fixture
def instances(vendors, own_postgres_cluster, tmp_path):
    """Two gateways, and the PostgreSQL they share."""
    env = vendors.environment | {
        "DATABASE_URL": own_postgres_cluster.new_database(),
        "WALLBOUNCE_OPERATOR_KEYS": OPERATOR_KEY,
    }
    folders = [tmp_path / "1", tmp_path / "2"]
    for folder in folders:
        folder.mkdir()
    with (
        RunningGateway(env | {"SRP_INSTANCE_ID": "one"}, folders[0]) as one,
        RunningGateway(env | {"SRP_INSTANCE_ID": "two"}, folders[1]) as two,
    ):
        yield one, two, own_postgres_cluster


def path_of(gateway):
    reply = httpx.post(f"{gateway.url}/api/v1/generate", json=QUESTION, timeout=30)
    assert reply.status_code == 200, reply.text
    return reply.json()["path"]


def rollout(gateway):
    return httpx.get(f"{gateway.url}/api/v1/rollout", timeout=30).json()


def until(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
    pytest.fail(f"it did not come to pass within {seconds} s")


def test_a_rollback_on_one_moves_the_other_and_so_does_the_acknowledgement(instances):
    one, two, _ = instances
    httpx.post(f"{one.url}/api/v1/rollout/rollback", headers=OPERATOR, timeout=30)
    until(lambda: rollout(two)["tripped"], seconds=5)
    assert path_of(two) == "legacy"
    httpx.post(f"{two.url}/api/v1/rollout/acknowledge", headers=OPERATOR, timeout=30)
    until(lambda: not rollout(one)["tripped"], seconds=5)
    assert path_of(one) == "wall_bounce"


def test_while_the_database_is_away_requests_go_on_and_their_records_arrive_later(instances):
    one, _, postgres = instances
    postgres.stop()
    ids = []
    for _ in range(5):
        reply = httpx.post(f"{one.url}/api/v1/generate", json=QUESTION, timeout=30)
        assert reply.status_code == 200
        ids.append(reply.json()["request_id"])
    until(lambda: _database(one) == "down", seconds=20)
    postgres.start()
    until(lambda: _database(one) == "ok", seconds=30)
    for request_id in ids:
        said = {"request_id": request_id, "correct": True}
        assert httpx.post(f"{one.url}/api/v1/feedback", json=said, timeout=30).status_code == 202


def test_a_rollback_decided_while_the_database_is_away_takes_effect_and_is_delivered(
    instances, vendors
):
    one, two, postgres = instances
    postgres.stop()
    until(lambda: _database(one) == "down", seconds=20)
    reply = httpx.post(f"{one.url}/api/v1/rollout/rollback", headers=OPERATOR, timeout=30)
    assert reply.json()["tripped"] is True
    assert reply.json()["delivered"] is False
    assert path_of(one) == "legacy"
    postgres.start()
    until(lambda: rollout(two)["tripped"], seconds=30)


def _database(gateway):
    ready = httpx.get(f"{gateway.url}/health/ready", timeout=30).json()
    return ready["dependencies"]["database"]["status"]
