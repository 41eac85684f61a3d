"""One vendor at several places, over real sockets: simulated regions that fail apart from each other."""

import asyncio
import json
from contextlib import ExitStack, aclosing

import pytest
from pydantic import SecretStr

from providers import errors
from providers.catalog import Catalog
from providers.http_client import open_client
from providers.messages import Completion, Prompt
from providers.pool import EndpointSpec, ProviderSpec, build_pool
from providers.provider import Deadline
from providers.resilience import RetryBudget, RetryPolicy
from providers.simulator import Latency, RunningSimulator, SimulatorConfig, Vendor
from providers.warming import keep_warm
from tests.contract.wires import OpenAIWire
from tests.support.upstream import reply

VENDORS = {"gpt": ("openai", "gpt-5"), "claude": ("anthropic", "claude-sonnet-4-6"), "gemini": ("google", "gemini-2.5-pro")}  # fmt: skip
KEY = SecretStr("sk-simulated")
SUM = Prompt.of("What is 17 + 25?")


@pytest.fixture
def regions():
    with ExitStack() as stack:
        config = SimulatorConfig(latency=dict.fromkeys(Vendor, Latency(0)))
        yield {name: stack.enter_context(RunningSimulator(config)) for name in ("eu", "us")}


@pytest.fixture
async def provider_of(regions):
    pools = []

    def build(name, **keys):
        vendor, model = VENDORS[name]
        places = tuple(
            EndpointSpec(region, url_of(simulator, name), keys.get(region))
            for region, simulator in regions.items()
        )
        spec = ProviderSpec(name, vendor, model, KEY, endpoints=places)
        pools.append(
            build_pool((spec,), open_client(), Catalog.load(), RetryPolicy(), RetryBudget())
        )
        return pools[-1][name]

    yield build
    for pool in pools:
        await pool.aclose()


def url_of(simulator, name):
    return {
        "gpt": simulator.openai_url,
        "claude": simulator.anthropic_url,
        "gemini": simulator.gemini_url,
    }[name]


def soon(seconds=20.0):
    return Deadline(asyncio.get_running_loop().time() + seconds)


def seen(simulator, name):
    return simulator.stats()[Vendor(name)]["seen"]


@pytest.mark.parametrize("name", VENDORS)
@pytest.mark.parametrize("fault", ["500", "502", "529", "429"])
async def test_a_region_that_fails_is_made_up_for_by_the_other(regions, provider_of, name, fault):
    provider = provider_of(name, us=SecretStr("sk-of-its-own"))
    regions["eu"].set_fault(name, fault)
    for _ in range(10):
        assert "42" in (await provider.complete(SUM, soon())).text
    assert seen(regions["us"], name) >= 10


@pytest.mark.parametrize("name", VENDORS)
async def test_a_reply_that_breaks_off_in_the_middle_is_paid_once(regions, provider_of, name):
    provider = provider_of(name)
    for region in regions.values():
        region.set_fault(name, "reset")
    with pytest.raises(errors.ConnectionLostError):
        await provider.complete(SUM, soon())
    assert sum(seen(region, name) for region in regions.values()) == 1


@pytest.mark.parametrize("name", VENDORS)
async def test_a_stream_is_begun_in_the_other_region(regions, provider_of, name):
    provider = provider_of(name)
    regions["eu"].set_fault(name, "500")
    for _ in range(4):
        async with aclosing(provider.stream(SUM, soon())) as items:
            *_, last = [item async for item in items]
        assert isinstance(last, Completion)
        assert "42" in last.text


@pytest.mark.parametrize("name", VENDORS)
async def test_a_region_whose_port_is_closed_is_no_end(regions, provider_of, name):
    provider = provider_of(name)
    regions["eu"].__exit__(None, None, None)
    try:
        for _ in range(6):
            assert "42" in (await provider.complete(SUM, soon())).text
    finally:
        regions["eu"] = regions["us"]  # it is closed already


async def test_a_region_that_hangs_while_a_stream_begins_is_left_for_the_other(
    regions, provider_of
):
    provider = provider_of("gpt")
    for endpoint in provider.endpoints:
        for n in range(20):
            endpoint.first.learn(0.05, float(n))
    regions["eu"].set_fault("gpt", "timeout")
    for _ in range(4):
        async with aclosing(provider.stream(SUM, soon(), repeat_billed=True)) as items:
            *_, last = [item async for item in items]
        assert "42" in last.text


async def test_a_second_copy_answers_for_a_region_that_hangs_and_the_first_is_closed(
    regions, provider_of
):
    provider = provider_of("claude")
    for endpoint in provider.endpoints:
        for n in range(40):
            endpoint.whole.learn(0.05, float(n))
    provider.hedging._tokens = 5.0  # as many calls before have earned
    regions["eu"].set_fault("claude", "timeout")
    for _ in range(4):
        assert "42" in (await provider.complete(SUM, soon())).text
    assert provider.hedging.won >= 1
    for _ in range(100):
        if regions["eu"].stats()[Vendor.CLAUDE]["open"] == 0:
            break
        await asyncio.sleep(0.05)
    counts = regions["eu"].stats()[Vendor.CLAUDE]
    assert (counts["open"], counts["answered"]) == (0, 0), "nothing was answered twice"


async def test_all_regions_down_is_told_as_the_vendor_tells_it(regions, provider_of):
    provider = provider_of("gemini")
    for simulator in regions.values():
        simulator.set_fault("gemini", "500")
    for _ in range(5):
        with pytest.raises(errors.ServerError):
            await provider.complete(SUM, soon())


async def test_warming_opens_connections_and_sends_nothing(regions, provider_of):
    provider = provider_of("gpt")
    failures = []
    warming = asyncio.create_task(
        keep_warm(provider.endpoints, lambda *told: failures.append(told))
    )
    await asyncio.sleep(0.2)
    warming.cancel()
    assert failures == []
    assert sum(seen(simulator, "gpt") for simulator in regions.values()) == 0
    client = provider.endpoints[0].provider._client  # the pool's
    assert client.connections == 2
    assert "42" in (await provider.complete(SUM, soon())).text
    assert client.connections == 2, "the call took one of them"


async def test_a_model_is_asked_for_by_the_name_it_has_at_each_place(upstream):
    places = (EndpointSpec("azure", f"{upstream.url}/openai/v1", deployment="our-gpt"),)
    spec = ProviderSpec("gpt", "openai", "gpt-5", KEY, endpoints=places)
    pool = build_pool((spec,), open_client(), Catalog.load(), RetryPolicy(), RetryBudget())
    upstream.will(reply(OpenAIWire().whole("42")))
    async with aclosing(pool):
        await pool["gpt"].complete(Prompt.of("17 + 25?", max_tokens=300), soon())
        body = json.loads(upstream.received[-1].body)
        assert body["model"] == "our-gpt"
        assert body["max_completion_tokens"] == 300, "its rules are those of the model it is"
        assert pool["gpt"].model == "gpt-5"
