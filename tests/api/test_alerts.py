"""Something goes wrong in a real gateway, and people hear of it; a channel that fails harms nobody."""

import asyncio

import httpx
import pytest

from tests.api.conftest import OPERATOR_KEY
from tests.support.alert_channels import until, web_hook
from tests.support.ports import free_port
from tests.support.redis import redis_url, shared_redis_server

__all__ = ["redis_url", "shared_redis_server"]

ALL = ("gpt", "claude", "gemini")
QUESTION = {"prompt": "What is 17 + 25?"}


@pytest.fixture
async def hook():
    async with web_hook(free_port()) as running:
        yield running


@pytest.fixture
def begin(start_gateway):
    """Starts a gateway off the event loop, on which the hook must answer meanwhile."""

    async def start(**env):
        return await asyncio.to_thread(
            start_gateway,
            WALLBOUNCE_RETRY_ATTEMPTS="1",
            WALLBOUNCE_OPERATOR_KEYS=OPERATOR_KEY,
            **env,
        )

    return start


def client_of(gateway):
    return httpx.AsyncClient(base_url=gateway.url, timeout=30, trust_env=False)


def titles(hook):
    return [body["title"] for body in hook.bodies]


async def seen_by(client):
    return {a["alert"] for a in (await client.get("/api/v1/alerts")).json()["alerts"] if a["told"]}


async def test_every_vendor_down_is_told_with_the_rollback_it_causes(begin, vendors, hook):
    gateway = await begin(WALLBOUNCE_ALERT_URLS=f"critical=json://{hook.url}/alerts")
    for vendor in ALL:
        vendors.set_fault(vendor, "500")
    async with client_of(gateway) as client:
        for _ in range(3):
            reply = await client.post("/api/v1/generate", json=QUESTION)
            assert reply.status_code == 503
        await until(lambda: len(hook.bodies) >= 2)
        # One message for each, however often it is looked at.
        assert sorted(titles(hook)[:2]) == [
            "[CRITICAL] rolled back: all traffic takes the legacy path",
            "[EMERGENCY] no answer from any vendor",
        ]
        rolled_back = next(b for b in hook.bodies if "rolled back" in b["title"])
        assert "every vendor is down" in rolled_back["message"]
        body = (await client.get("/api/v1/alerts")).json()
        firing = {a["alert"]: a for a in body["alerts"] if a["state"] == "firing"}
        assert firing["AllProvidersDown"]["level"] == "emergency"
        assert firing["AllProvidersDown"]["told"] is True
        (channel,) = body["channels"]
        assert (channel["name"], channel["level"], channel["failed"]) == ("json", "critical", 0)
        assert hook.url not in str(body)
        metrics = (await client.get("/metrics")).text
        assert "wallbounce_all_vendors_down 1.0" in metrics
        assert 'wallbounce_alert_messages_total{channel="json",outcome="sent"}' in metrics
        for vendor in ALL:
            vendors.set_fault(vendor, None)
        await client.post("/api/v1/generate", json=QUESTION)
        await until(lambda: "[RESOLVED] no answer from any vendor" in titles(hook))
    assert "json://" not in gateway.log


async def test_a_channel_that_is_not_there_harms_no_request_and_shows_no_secret(begin, vendors):
    secret = "t0ken0fours"
    gateway = await begin(
        WALLBOUNCE_ALERT_URLS=f"warning=json://user:{secret}@127.0.0.1:{free_port()}/{secret}"
    )
    async with client_of(gateway) as client:
        headers = {"authorization": f"Bearer {OPERATOR_KEY}"}
        await client.post("/api/v1/rollout/rollback", headers=headers, json={"reason": "a hunch"})

        async def failed():
            body = (await client.get("/api/v1/alerts")).json()
            return body["channels"][0]["failed"]

        async with asyncio.timeout(60):
            while await failed() < 1:
                reply = await client.post("/api/v1/generate", json=QUESTION)
                assert reply.status_code == 200
        body = (await client.get("/api/v1/alerts")).json()
        assert body["channels"][0]["last_failure"] == "could not be reached"
        assert secret not in str(body)
    assert "alert_not_delivered" in gateway.log
    assert secret not in gateway.log


async def test_a_gateway_that_was_killed_is_told_by_the_one_that_starts_next(begin, hook):
    gateway = await begin(
        WALLBOUNCE_ALERT_URLS=f"emergency=json://{hook.url}", SRP_INSTANCE_ID="gateway-eu"
    )
    await asyncio.to_thread(gateway.stop)
    await asyncio.to_thread(gateway.start)  # in order: nothing to tell
    gateway.kill9()
    await asyncio.to_thread(gateway.start)
    await until(lambda: hook.bodies)
    assert titles(hook) == ["[EMERGENCY] a process of gateway-eu ended without a goodbye"]


async def test_without_channels_the_log_says_what_is_wrong(begin, vendors):
    gateway = await begin()
    for vendor in ALL:
        vendors.set_fault(vendor, "500")
    async with client_of(gateway) as client:
        for _ in range(3):
            await client.post("/api/v1/generate", json=QUESTION)
        assert (await client.get("/api/v1/alerts")).json()["channels"] == []
    await until(lambda: "no answer from any vendor" in gateway.log)


async def test_two_instances_that_see_the_same_send_one_message(begin, vendors, hook, redis_url):
    env = {"WALLBOUNCE_ALERT_URLS": f"emergency=json://{hook.url}", "REDIS_URL": redis_url}
    gateways = [await begin(SRP_INSTANCE_ID=name, **env) for name in ("gateway-1", "gateway-2")]
    for vendor in ALL:
        vendors.set_fault(vendor, "500")
    for gateway in gateways:
        async with client_of(gateway) as client:
            for _ in range(3):
                await client.post("/api/v1/generate", json=QUESTION)
            async with asyncio.timeout(20):
                while "AllProvidersDown" not in await seen_by(client):  # noqa: ASYNC110 - no event here
                    await asyncio.sleep(0.02)
    for gateway in gateways:
        await asyncio.to_thread(gateway.stop)  # which sends what waits
    assert titles(hook) == ["[EMERGENCY] no answer from any vendor"]
