"""Vendors that go down or slow down behind a real gateway: `python -m bench failover`.

Simulated vendors, one server each, stand behind `wallbounce serve`. A vendor goes **down** in one of three
ways for a minute (its port refuses, it answers 500, it never answers), while a caller asks every three seconds; then
it is well again, and the caller asks twice a second until the vendor's vote is in an answer again. Another
becomes **slow**, ten times its own p95, and the median of the requests that follow is set against the
median of those before, for a consensus of three and for a basic task of two.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Self

import httpx

from bench.figures import PROGRESS, Bar, Result
from bench.processes import free_port, serving
from providers.simulator import Latency, RunningSimulator, SimulatorConfig, Vendor

if TYPE_CHECKING:
    from collections.abc import Iterator

DOWN_S = float(os.environ.get("DOWN_SECONDS", "60"))
"""How long a vendor is down."""

ASKED = 20
"""Requests meanwhile."""

WARM_UP = 30
"""Requests before anything happens, from which the gateway learns what is usual."""

BEFORE, AFTER = 30, 60
"""Requests the medians are taken over, one after the other."""

LATENCY = Latency(100, 20)
"""Of every vendor alike, in ms: who stands in for a slow vendor is no slower by itself."""

P95_MS = LATENCY.base_ms + 0.95 * LATENCY.jitter_ms
SLOW = 10.0

BACK_BAR_S, MEDIAN_BAR = 10.0, 1.2
GIVE_UP_S = 60.0
"""A vendor not back in use by then is not measured on."""

WAYS = ("refused", "500", "timeout")
TASKS = ("critical", "basic")


@dataclass(frozen=True, slots=True)
class Downtime:
    """A vendor that was down. ``back_s``: seconds from its recovery to its first vote, None for never."""

    way: str
    asked: int
    answered: int
    slowest_s: float
    back_s: float | None


@dataclass(frozen=True, slots=True)
class Slowness:
    """A vendor that became slow, and the medians of requests before and after in ms."""

    vendor: str
    task: str
    before_ms: float
    after_ms: float

    @property
    def ratio(self) -> float:
        """How much longer the median request takes."""
        return self.after_ms / self.before_ms


class Scene:
    """A gateway and its vendors."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._number = itertools.count(2)
        self.vendors: dict[str, RunningSimulator] = {}

    def __enter__(self) -> Self:
        for vendor in Vendor:
            self.vendors[vendor.value] = self._vendor(0)
        port = free_port()
        command: list[str | Path] = [
            Path(sys.executable).parent / "wallbounce",
            *("serve", "--port", str(port)),
        ]
        gateway = self._stack.enter_context(
            serving(
                command,
                port=port,
                folder=self._folder,
                ready_path="/health/ready",
                env=self._environment(),
            )
        )
        self.http = self._stack.enter_context(
            httpx.Client(base_url=gateway.url, timeout=90.0, trust_env=False)
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        for vendor in self.vendors.values():
            vendor.__exit__(None, None, None)

    def ask(self, task: str) -> tuple[float, dict[str, Any] | None]:
        """The seconds one request takes, and its answer; None for none."""
        number = next(self._number)
        body = {
            "prompt": f"What is {number} + {number + 3}?",
            "task_type": task,
            "cache": "off",
            "timeout_ms": 30_000,
        }
        began = time.perf_counter()
        try:
            reply = self.http.post("/api/v1/generate", json=body)
        except httpx.TransportError:
            return time.perf_counter() - began, None
        took = time.perf_counter() - began
        answer: dict[str, Any] = reply.json()
        right = reply.status_code == httpx.codes.OK and str(2 * number + 3) in answer["content"]
        return took, answer if right else None

    def median_ms(self, task: str, requests: int) -> float:
        """Of so many requests, one after the other."""
        return median(self.ask(task)[0] for _ in range(requests)) * 1000

    def until_used(self, vendor: str, task: str, every_s: float) -> float | None:
        """Seconds until the vendor has a vote in an answer again, None for not within `GIVE_UP_S`."""
        began = time.perf_counter()
        while (waited := time.perf_counter() - began) < GIVE_UP_S:
            _, answer = self.ask(task)
            if answer is not None and vendor in answer["providers_used"]:
                return time.perf_counter() - began
            time.sleep(max(0.0, every_s - (time.perf_counter() - began - waited)))
        return None

    @contextmanager
    def down(self, vendor: str, way: str) -> Iterator[None]:
        """Down in that way until the block ends."""
        running = self.vendors[vendor]
        if way != "refused":
            running.set_fault(vendor, way)
            yield
            running.set_fault(vendor, None)
            return
        port = int(running.base_url.rpartition(":")[2])
        running.__exit__(None, None, None)
        yield
        self.vendors[vendor] = self._vendor(port)

    def _vendor(self, port: int) -> RunningSimulator:
        config = SimulatorConfig(latency=dict.fromkeys(Vendor, LATENCY))
        return RunningSimulator(config, port=port).__enter__()

    def _environment(self) -> dict[str, str]:
        return {
            "OPENAI_API_KEY": "bench",
            "OPENAI_BASE_URL": self.vendors["gpt"].openai_url,
            "ANTHROPIC_API_KEY": "bench",
            "ANTHROPIC_BASE_URL": self.vendors["claude"].anthropic_url,
            "GOOGLE_API_KEY": "bench",
            "GEMINI_BASE_URL": self.vendors["gemini"].gemini_url,
            "SRP_TRAFFIC_PERCENTAGE": "100",
            "SRP_INSTANCE_ID": "bench",
        }


def downtime(way: str, folder: Path) -> Downtime:
    """GPT is down in that way; critical and basic tasks ask in turn."""
    with Scene(folder) as scene:
        for _ in range(WARM_UP):
            scene.ask("critical")
        answered, slowest = 0, 0.0
        with scene.down("gpt", way):
            began = time.perf_counter()
            for number in range(ASKED):
                time.sleep(max(0.0, began + number * DOWN_S / ASKED - time.perf_counter()))
                took, answer = scene.ask(TASKS[number % len(TASKS)])
                answered += answer is not None
                slowest = max(slowest, took)
            time.sleep(max(0.0, began + DOWN_S - time.perf_counter()))
        return Downtime(way, ASKED, answered, slowest, scene.until_used("gpt", "critical", 0.5))


def slowness(vendor: str, task: str, folder: Path) -> Slowness:
    """That vendor takes ten times its p95."""
    with Scene(folder) as scene:
        scene.median_ms("critical", WARM_UP)
        before = scene.median_ms(task, BEFORE)
        slow = SLOW * P95_MS
        scene.vendors[vendor].set_latency(vendor, slow, 0.0)
        return Slowness(vendor, task, before, scene.median_ms(task, AFTER))


def run() -> Result:
    """All ways of being down at once, each with a gateway of its own; then each slow vendor alone."""
    with tempfile.TemporaryDirectory(prefix="wallbounce-bench-") as name:
        folders = (_made(Path(name) / str(n)) for n in itertools.count())
        PROGRESS.print(f"a vendor down for {DOWN_S:g} s, in {len(WAYS)} ways")
        with ThreadPoolExecutor(len(WAYS)) as threads:
            down = [threads.submit(downtime, way, next(folders)) for way in WAYS]
            downs = [future.result() for future in down]
        slows = []
        for vendor, task in (
            *((vendor.value, "critical") for vendor in Vendor),
            *((vendor, "basic") for vendor in ("gemini", "claude")),
        ):
            PROGRESS.print(f"{vendor} slow, {task} tasks")
            slows.append(slowness(vendor, task, next(folders)))
    return _result(downs, slows)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _result(downs: list[Downtime], slows: list[Slowness]) -> Result:
    unanswered = sum(d.asked - d.answered for d in downs)
    backs = [d.back_s for d in downs]
    back_s = None if None in backs else max(b for b in backs if b is not None)
    worst = {task: max(s.ratio for s in slows if s.task == task) for task in TASKS}
    return Result(
        name="failover",
        figures={
            "down_s": DOWN_S,
            "unanswered": unanswered,
            "back_in_use_s": None if back_s is None else round(back_s, 2),
            "slow_median_ratio": {task: round(ratio, 3) for task, ratio in worst.items()},
            "down": {
                d.way: {
                    "asked": d.asked,
                    "answered": d.answered,
                    "slowest_s": round(d.slowest_s, 2),
                    "back_in_use_s": None if d.back_s is None else round(d.back_s, 2),
                }
                for d in downs
            },
            "slow": [
                {
                    "vendor": s.vendor,
                    "task": s.task,
                    "before_ms": round(s.before_ms, 1),
                    "after_ms": round(s.after_ms, 1),
                    "ratio": round(s.ratio, 3),
                }
                for s in slows
            ],
        },
        columns=("a vendor is", "requests", "figure", "bar"),
        rows=[
            *(
                (
                    f"down for {DOWN_S:g} s: {d.way}",
                    f"{d.answered} of {d.asked} answered, the slowest in {d.slowest_s:.1f} s",
                    "not back" if d.back_s is None else f"back in use after {d.back_s:.1f} s",
                    f"all; ≤ {BACK_BAR_S:g} s",
                )
                for d in downs
            ),
            *(
                (
                    f"slow: {s.vendor}",
                    f"{s.task}: median {s.before_ms:.0f} ms, then {s.after_ms:.0f} ms",
                    f"× {s.ratio:.2f}",
                    f"≤ × {MEDIAN_BAR:g}",
                )
                for s in slows
            ),
        ],
        bars=(
            Bar("unanswered", 0.0, float(unanswered)),
            Bar("back_in_use_s", BACK_BAR_S, back_s),
            *(Bar(f"slow_median_ratio.{task}", MEDIAN_BAR, worst[task]) for task in TASKS),
        ),
    )
