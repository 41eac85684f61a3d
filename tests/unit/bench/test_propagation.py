"""What the propagation bench makes of the requests it saw, and the outage it orders."""

import asyncio

from aiohttp.test_utils import TestClient, TestServer

from bench.rollout.failing_vendors import Outage, application_with
from bench.rollout.open_load import Seen
from bench.rollout.propagation import GATEWAYS, Trials, last_new, served_after

DECIDED = 1000.0


def seen(began, *, new, gateway=0):
    return Seen(gateway, began, new, failed=False)


def test_the_time_is_to_the_last_request_of_the_new_path_on_any_gateway():
    trials = Trials()

    trials.take(
        [
            seen(DECIDED - 1.0, new=True),
            seen(DECIDED + 0.25, new=True, gateway=2),
            seen(DECIDED + 0.125, new=True, gateway=1),
            seen(DECIDED + 3.0, new=False, gateway=3),
        ],
        DECIDED,
    )

    assert trials.seconds == [0.25]
    assert trials.late_requests == 2


def test_a_rollback_nobody_came_after_took_no_time():
    trials = Trials()

    trials.take([seen(DECIDED - 0.5, new=True), seen(DECIDED + 0.5, new=False)], DECIDED)

    assert trials.seconds == [0.0]
    assert trials.late_requests == 0


def test_the_figures_are_median_99th_percentile_and_longest():
    trials = Trials([n / 100 for n in range(101)], late_requests=100)

    assert trials.json() == {
        "each_s": trials.seconds,
        "trials": 101,
        "p50_s": 0.5,
        "p99_s": 0.99,
        "max_s": 1.0,
        "late_requests": 100,
    }


def test_quiet_needs_a_later_answer_of_every_gateway():
    after = [seen(DECIDED + 2, new=False, gateway=number) for number in range(GATEWAYS)]

    assert last_new([], DECIDED) == DECIDED
    assert served_after(DECIDED, after)
    assert not served_after(DECIDED, after[1:])
    assert not served_after(DECIDED + 2, after)


async def _statuses(client, path):
    found = []
    for switch in ("off", "on", "off"):
        await client.post(f"/outage/{switch}")
        answer = await client.post(path, json={"model": "m", "messages": []})
        found.append(answer.status)
    return found


def test_in_an_outage_anthropic_and_google_fail_and_openai_does_not():
    async def ask():
        async with TestClient(TestServer(application_with(Outage()))) as client:
            return [
                await _statuses(client, path)
                for path in (
                    "/v1/messages",
                    "/v1beta/models/gemini-2.5-pro:generateContent",
                    "/v1/chat/completions",
                )
            ]

    assert asyncio.run(ask()) == [[200, 503, 200], [200, 503, 200], [200, 200, 200]]
