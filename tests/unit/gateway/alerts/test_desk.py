"""The alerts of a process, from a finished request to a message."""

import asyncio
from datetime import timedelta

from prometheus_client import CollectorRegistry

from gateway.alerts.claims import OwnClaims
from gateway.alerts.desk import TAKE_OVER_S, WAITING, AlertDesk
from gateway.alerts.levels import Level
from gateway.alerts.outbox import Outbox
from gateway.alerts.quiet_hours import quiet_hours
from gateway.alerts.readings import Standing
from gateway.monitoring.alert_metrics import AlertMetrics
from gateway.rollout.state import RolloutEvent
from tests.support.alert_channels import Script, until
from tests.support.records import NOON, all_down, answered, failed

TRIP = RolloutEvent(7, NOON, "trip", "watcher@a", "harm")


class Process:
    """A desk, the time, and the channel it tells; all by hand."""

    def __init__(self, *, claims=None, crashes=(), quiet=None):
        self.now = 0.0
        self.standing = Standing()
        self.channel = Script()
        self.box = Outbox("slack", Level.WARNING, lambda: self.channel)
        self.registry = CollectorRegistry()
        self.desk = AlertDesk(
            [self.box],
            claims or OwnClaims(lambda: self.now),
            standing=lambda: self.standing,
            metrics=AlertMetrics(self.registry),
            quiet_hours=None if quiet is None else quiet_hours(quiet),
            repeat_s=3600.0,
            monotonic=lambda: self.now,
            clock=lambda: NOON + timedelta(seconds=self.now),
            instance="gateway-1",
            crashes=crashes,
        )

    async def looks(self, seconds=1.0):
        """Look every second for a while, and tell all there is."""
        for _ in range(int(seconds)):
            self.desk.look()
            while not self.desk._news.empty():
                await self.desk.tell_next()
            self.now += 1.0

    @property
    def said(self):
        return [m.title for m in self.box._queue._queue]

    def metric(self, name, **labels):
        return self.registry.get_sample_value(name, labels)


def broken(process, requests=20):
    for _ in range(requests):
        process.desk.observe(failed())


async def test_errors_become_an_emergency_within_a_second_and_later_its_end():
    process = Process()
    broken(process)
    await process.looks()
    assert process.said == [
        "[EMERGENCY] wall_bounce: 100.0% of requests end in an error of ours (over 3%)"
    ]
    for _ in range(2000):
        process.desk.observe(answered())
    await process.looks(119)
    assert len(process.said) == 1
    await process.looks(3)
    assert process.said[1].startswith("[RESOLVED] wall_bounce: 100.0%")


async def test_an_arm_without_traffic_after_a_rollback_is_told_as_not_known():
    process = Process()
    broken(process)
    await process.looks(310 + 130)
    over = process.box._queue._queue[-1]
    assert over.good_news
    assert "for lack of traffic" in over.body


async def test_all_vendors_down_is_told_and_shown_at_once():
    process = Process()
    for _ in range(3):
        process.desk.observe(all_down())
    await process.looks()
    assert "[EMERGENCY] no answer from any vendor" in process.said
    assert process.metric("wallbounce_all_vendors_down") == 1
    assert (
        process.metric("wallbounce_alerts_firing", alert="AllProvidersDown", level="emergency") == 1
    )
    process.desk.observe(answered())
    await process.looks()
    assert process.metric("wallbounce_all_vendors_down") == 0
    assert (
        process.metric("wallbounce_alerts_firing", alert="AllProvidersDown", level="emergency") == 0
    )


async def test_a_rollback_is_told_once_and_so_is_its_acknowledgement_and_the_next_rollback():
    process = Process()
    for version in (7, 9):
        process.desk.announce(RolloutEvent(version, NOON, "trip", "watcher@a", "harm"))
        process.standing = Standing(rolled_back="harm; by watcher@a")
        await process.looks(10)
        process.desk.announce(RolloutEvent(version + 1, NOON, "acknowledge", "op", None))
        process.standing = Standing()
        await process.looks(10)
    assert [title.partition("] ")[2][:16] for title in process.said] == [
        "rolled back: all",
        "the rollback was",
    ] * 2


async def test_a_rollback_that_nobody_announced_is_told_all_the_same():
    process = Process()
    process.standing = Standing(rolled_back="harm; by watcher@b")
    await process.looks(10)
    assert process.said == ["[CRITICAL] rolled back: all traffic takes the legacy path"]


async def test_a_crash_is_told_once_and_shown_with_its_time():
    process = Process(crashes=("gateway-1",))
    await process.looks(400)
    assert process.said == ["[EMERGENCY] a process of gateway-1 ended without a goodbye"]
    assert process.metric("wallbounce_crash_timestamp_seconds") == NOON.timestamp()


async def test_a_vendor_that_changed_is_told_at_once_and_its_end_is_not():
    process = Process()
    process.standing = Standing(changed={"gpt latency up": "from 400 to 900"})
    await process.looks(2)
    process.standing = Standing(changed={"gpt latency up": "from 400 to 900", "gpt wrong up": ""})
    await process.looks(2)
    process.standing = Standing()
    await process.looks(2)
    assert process.said == [
        "[WARNING] a vendor has changed: gpt latency up",
        "[WARNING] a vendor has changed: gpt wrong up",
    ]


async def test_warnings_and_quiet_news_wait_for_the_end_of_the_quiet_hours():
    process = Process(quiet="11:00-12:10 UTC")  # it is noon: ten minutes to go
    process.standing = Standing(memory_bytes=9e8)
    process.desk.announce(RolloutEvent(1, NOON, "advance", "op", None))
    await process.looks(599)
    assert process.said == []
    await process.looks(3)
    assert sorted(process.said) == [
        "[WARNING] memory is 900 MB (over 800 MB)",
        "[WARNING] the rollout moved on to the next stage",
    ]


async def test_two_processes_that_see_the_same_send_one_message_and_the_second_takes_over():
    claims = OwnClaims(lambda: 0.0)
    first, second = Process(claims=claims), Process(claims=claims)
    for process in (first, second):
        broken(process)
        await process.looks()
    assert (len(first.said), second.said) == (1, [])
    for _ in range(2000):
        first.desk.observe(answered())
    await first.looks(125)
    assert first.said[1].startswith("[RESOLVED]")
    await second.looks(TAKE_OVER_S + 1)
    assert second.said == [
        "[EMERGENCY] still: wall_bounce: 100.0% of requests end in an error of ours (over 3%)"
    ]


async def test_the_status_says_what_is_wrong_since_when_and_whether_it_was_told():
    process = Process(quiet="11:00-13:00 UTC")
    broken(process)
    process.standing = Standing(memory_bytes=9e8)
    await process.looks(10)
    status = process.desk.status()
    alerts = {alert.rule.name: alert for alert in status.alerts}
    assert (alerts["ErrorRateEmergency"].phase, alerts["ErrorRateEmergency"].told) == (
        "firing",
        True,
    )
    assert alerts["ErrorRateEmergency"].since == NOON
    assert (alerts["MemoryWarning"].phase, alerts["MemoryWarning"].told) == ("pending", False)
    assert (status.quiet, status.quiet_hours) == (True, "11:00-13:00 UTC")
    assert [channel.name for channel in status.channels] == ["slack"]


async def test_started_it_looks_and_sends_by_itself_and_closing_sends_the_rest():
    process = Process()
    await process.desk.start()
    broken(process)
    await until(lambda: process.channel.taken)
    process.desk.announce(TRIP)
    async with asyncio.timeout(20):
        await process.desk.aclose()
    assert process.channel.titles[-1] == "[CRITICAL] rolled back: all traffic takes the legacy path"


async def test_a_look_that_fails_does_not_end_the_looking(monkeypatch):
    monkeypatch.setattr("gateway.alerts.desk.LOOK_S", 0.001)
    process = Process()
    looks = []

    def standing():
        looks.append(1)
        if len(looks) < 3:
            raise OSError
        return Standing(rolled_back="harm")

    process.desk._standing = standing
    await process.desk.start()
    await until(lambda: process.channel.taken)
    await process.desk.aclose()
    assert len(looks) >= 3


def test_more_news_than_may_wait_is_dropped_and_harms_nobody():
    process = Process()
    for version in range(WAITING + 100):
        process.desk.announce(RolloutEvent(version, NOON, "advance", "op", None))
    assert process.desk._news.qsize() == WAITING
