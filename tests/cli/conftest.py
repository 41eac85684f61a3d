"""Commands in folders of their own, a gateway for them to talk to, and simulated vendors behind it."""

from functools import partial

import httpx
import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.cli.local_gateway import unset
from providers.simulator import RunningSimulator, SimulatorConfig
from tests.support.command_line import running_command, wallbounce
from tests.support.gateway_process import RunningGateway

NEVER_BY_ITSELF = {"AUTO_ROLLBACK_MIN_REQUESTS": "2000", "AUTO_ROLLBACK_ERROR_RATE": "1"}


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
    env = vendor_server.environment | NEVER_BY_ITSELF | {"WALLBOUNCE_RETRY_ATTEMPTS": "1"}
    with RunningGateway(env, tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture
def gateway(shared_gateway, vendors):
    """The shared gateway: all traffic on the wall-bounce path, no rollback, no operator key."""
    yield shared_gateway
    left = httpx.get(f"{shared_gateway.url}/api/v1/rollout", trust_env=False).json()
    if left["tripped"]:
        wallbounce("rollout", "acknowledge", folder=shared_gateway.folder)
    if left["ceiling"] != 1:
        wallbounce("rollout", "set", "100", folder=shared_gateway.folder)


@pytest.fixture
def run(gateway):
    """Runs a command in the gateway's folder."""
    return partial(wallbounce, folder=gateway.folder)


@pytest.fixture
def alone(tmp_path):
    """Runs a command where no gateway runs."""
    return partial(wallbounce, folder=tmp_path)


@pytest.fixture
def start(tmp_path):
    """Starts a command where no gateway runs."""
    return partial(running_command, folder=tmp_path)


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Calls a command in this process: for calls so wrong that nothing is started."""
    monkeypatch.chdir(tmp_path)
    for variable in unset():
        monkeypatch.delenv(variable, raising=False)
    return lambda *arguments: CliRunner().invoke(main, arguments)
