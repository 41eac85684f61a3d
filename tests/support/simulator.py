"""The simulated vendors on a real port: one server for the session, reset before each test.

Import both fixtures in a conftest.py. Vendors answer at once unless a test sets a latency.
"""

from collections.abc import Iterator

import httpx
import pytest

from providers.simulator import Latency, RunningSimulator, SimulatorConfig, Vendor

AT_ONCE = dict.fromkeys(Vendor, Latency(0))


@pytest.fixture(scope="session")
def simulator_server() -> Iterator[RunningSimulator]:
    """The server; tests use `simulator`, which is this one as good as new."""
    with RunningSimulator(SimulatorConfig(latency=AT_ONCE)) as running:
        yield running


@pytest.fixture
def simulator(simulator_server: RunningSimulator) -> RunningSimulator:
    """The simulated vendors without faults, latency or memory of earlier tests."""
    simulator_server.reset()
    return simulator_server


class Caller:
    """Speaks each vendor's protocol in its plainest form, for tests of the simulator itself."""

    def __init__(self, simulator: RunningSimulator, client: httpx.Client) -> None:
        self.simulator = simulator
        self.client = client

    def request(
        self, vendor: str, prompt: str, *, stream: bool = False, **fields: object
    ) -> httpx.Request:
        """A valid request of that vendor, with ``fields`` added to the body."""
        turn = {"role": "user", "content": prompt}
        if vendor == "gpt":
            url = f"{self.simulator.openai_url}/chat/completions"
            headers = {"authorization": "Bearer sk-test"}
            body = {"model": "gpt-5", "messages": [turn], "stream": stream}
        elif vendor == "claude":
            url = f"{self.simulator.anthropic_url}/v1/messages"
            headers = {"x-api-key": "sk-ant-test", "anthropic-version": "2023-06-01"}
            body = {
                "model": "claude-sonnet-4-5",
                "max_tokens": 1024,
                "messages": [turn],
                "stream": stream,
            }
        else:
            action = "streamGenerateContent?alt=sse" if stream else "generateContent"
            url = f"{self.simulator.gemini_url}/v1beta/models/gemini-2.5-pro:{action}"
            headers = {"x-goog-api-key": "test"}
            body = {"contents": [{"role": "user", "parts": [{"text": prompt}]}]}
        return self.client.build_request("POST", url, headers=headers, json={**body, **fields})

    def ask(
        self, vendor: str, prompt: str, *, stream: bool = False, **fields: object
    ) -> httpx.Response:
        """The vendor's whole response."""
        return self.client.send(self.request(vendor, prompt, stream=stream, **fields))

    def text(self, vendor: str, prompt: str) -> str:
        """What the vendor says."""
        body = self.ask(vendor, prompt).json()
        if vendor == "gpt":
            return body["choices"][0]["message"]["content"]
        if vendor == "claude":
            return body["content"][0]["text"]
        return body["candidates"][0]["content"]["parts"][0]["text"]


@pytest.fixture
def caller(simulator: RunningSimulator) -> Iterator[Caller]:
    """Calls the simulated vendors over real sockets, past any proxy."""
    with httpx.Client(timeout=10, trust_env=False) as client:
        yield Caller(simulator, client)
