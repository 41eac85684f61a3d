"""A real gateway process in front of simulated vendors: what a caller meets, over real sockets."""

import httpx
import pytest

from providers.simulator import RunningSimulator, SimulatorConfig
from tests.support.gateway_process import RunningGateway
from tests.support.postgres import own_postgres_cluster
from tests.support.redis import redis_server, redis_url, shared_redis_server

__all__ = ["own_postgres_cluster", "redis_server", "redis_url", "shared_redis_server"]


@pytest.fixture(scope="session")
def vendor_server():
    with RunningSimulator(SimulatorConfig(latency_scale=0.1)) as running:
        yield running


@pytest.fixture
def vendors(vendor_server):
    """The simulated vendors, well at the start of each test."""
    vendor_server.reset()
    yield vendor_server
    vendor_server.reset()


@pytest.fixture(scope="session")
def shared_gateway(vendor_server, tmp_path_factory):
    """One gateway, all traffic on the wall-bounce path, that no fault can roll back.

    Nor does one test's fault open a circuit for the next: tests of circuits have gateways of their own.
    """
    env = vendor_server.environment | {
        "SRP_TRAFFIC_PERCENTAGE": "100",
        "AUTO_ROLLBACK_ERROR_RATE": "1",
        "AUTO_ROLLBACK_MIN_REQUESTS": "2000",
        "WALLBOUNCE_RETRY_ATTEMPTS": "1",
        "WALLBOUNCE_CIRCUIT_BREAKERS": "false",
        "WALLBOUNCE_HEDGING_SHARE": "0",
        "WALLBOUNCE_OPERATOR_KEYS": OPERATOR_KEY,
    }
    with RunningGateway(env, tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture(scope="session")
def shared_face(vendor_server, tmp_path_factory):
    """One gateway for OpenAI's clients, in which no fault of one test means anything for the next."""
    env = vendor_server.environment | {
        "SRP_TRAFFIC_PERCENTAGE": "100",
        "AUTO_ROLLBACK_ERROR_RATE": "1",
        "AUTO_ROLLBACK_MIN_REQUESTS": "2000",
        "WALLBOUNCE_RETRY_ATTEMPTS": "1",
        "WALLBOUNCE_CIRCUIT_BREAKERS": "false",
        "WALLBOUNCE_HEDGING_SHARE": "0",
    }
    with RunningGateway(env, tmp_path_factory.mktemp("face")) as running:
        yield running


@pytest.fixture
def face(shared_face, vendors):
    """The address of that gateway, its vendors well."""
    return shared_face.url


@pytest.fixture
def gateway(shared_gateway, vendors):
    """The shared gateway with its vendors well and no rollback standing."""
    with httpx.Client(base_url=shared_gateway.url, timeout=30, trust_env=False) as client:
        if client.get("/api/v1/rollout").json()["tripped"]:
            acknowledge(client)
        yield client
        if client.get("/api/v1/rollout").json()["tripped"]:
            acknowledge(client)


@pytest.fixture
def start_gateway(vendors, tmp_path, request):
    """Starts gateways of one's own: ``start_gateway(SRP_TRAFFIC_PERCENTAGE="50")``.

    Several workers get a real Redis, without which they would not start.
    """
    started = []

    def start(*arguments, ready_within=30.0, **env):
        if "--workers" in arguments and arguments[arguments.index("--workers") + 1] != "1":
            env = {"REDIS_URL": request.getfixturevalue("redis_url")} | env
        gateway = RunningGateway(
            vendors.environment | env, tmp_path, arguments=arguments, ready_within=ready_within
        )
        started.append(gateway)
        gateway.start()
        return gateway

    yield start
    for gateway in started:
        gateway.stop()


OPERATOR_KEY = "operator-key-of-the-tests"


def acknowledge(client):
    headers = {"authorization": f"Bearer {OPERATOR_KEY}"}
    reply = client.post("/api/v1/rollout/acknowledge", headers=headers)
    assert reply.status_code == 200, reply.text
