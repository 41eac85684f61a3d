"""Several worker processes: SIGHUP handed on, a dead one replaced, and an end where none can start."""

from __future__ import annotations

import logging
import os
import signal
import time
from typing import TYPE_CHECKING

from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from gateway.monitoring.metrics import retire_worker

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    import uvicorn

log = logging.getLogger(__name__)

STEADY_S = 10.0
"""A worker that lived this long had started: starting takes two or three seconds."""

TRIES = 3
"""Failed starts a worker, in a row, after which the next would fail as well."""

LONGEST_PAUSE_S = 30.0
"""Between two tries of a worker while others serve: a start costs a core for its two seconds."""


class Restarts:
    """When a dead worker is replaced, and when that has no sense any more.

    As long as one worker serves there is no giving up: the reason (a database that is away) may pass.
    """

    def __init__(self, workers: int) -> None:
        self._tries = TRIES * workers
        self._born: dict[int, float] = {}
        self._not_before: dict[int, float] = {}
        self._failures: dict[int, int] = {}
        self._in_a_row = 0

    @property
    def hopeless(self) -> bool:
        """Whether workers died soon after their start so often that all of them do."""
        return self._in_a_row >= self._tries

    def started(self, place: int, now: float) -> None:
        """The worker of this place has just been started."""
        self._born[place] = now
        self._not_before.pop(place, None)

    def alive(self, place: int, now: float) -> None:
        """The worker of this place lives."""
        if now - self._born[place] >= STEADY_S:
            self._failures.pop(place, None)
            self._in_a_row = 0

    def died(self, place: int, now: float, *, excused: bool) -> None:
        """The worker of this place is dead; ``excused`` is a death that tells nothing of its start."""
        failed = now - self._born[place] < STEADY_S and not excused
        failures = self._failures.get(place, 0) + 1 if failed else 0
        self._failures[place] = failures
        self._in_a_row += failed
        pause = min(LONGEST_PAUSE_S, 2.0 ** (failures - 1)) if failures > 1 else 0.0
        self._not_before[place] = now + pause

    def waits(self, place: int) -> bool:
        """Whether the place is empty."""
        return place in self._not_before

    def due(self, place: int, now: float) -> bool:
        """Whether the empty place is to be filled now."""
        return now >= self._not_before[place]


class Workers(Multiprocess):
    """uvicorn's supervisor with another mind on three things.

    SIGHUP restarts nothing: ``on_hup`` runs, then each worker gets it. A worker that cannot start
    does not take the others with it, and only when none can the whole ends, with `gave_up`. A worker
    that died is taken out of the metrics that add up live ones.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        sockets: list[socket.socket],
        metrics_dir: Path,
        on_hup: Callable[[], None],
    ) -> None:
        super().__init__(config, sockets)
        self.gave_up = False
        self._metrics_dir = metrics_dir
        self._on_hup = on_hup
        self._restarts = Restarts(config.workers)

    def init_processes(self) -> None:
        """Start all."""
        super().init_processes()
        for place in range(len(self.processes)):
            self._restarts.started(place, time.monotonic())

    def keep_subprocess_alive(self) -> None:
        """Replace who died or hangs."""
        for place, process in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if not self._restarts.waits(place):
                if process.is_alive(timeout=self.config.timeout_worker_healthcheck):
                    self._restarts.alive(place, time.monotonic())
                    continue
                self._bury(place, process)
                if self._restarts.hopeless:
                    log.error("no worker can start: giving up")
                    self.gave_up = True
                    self.should_exit.set()
                    return
            if self._restarts.due(place, time.monotonic()):
                self.processes[place] = Process(self.config, self.sockets)
                self.processes[place].start()
                self._restarts.started(place, time.monotonic())

    def _bury(self, place: int, process: Process) -> None:
        process.kill()  # it may hang
        process.join()
        # SIGHUP ends a process that does not listen for it yet; it starts anew with what SIGHUP meant.
        excused = process.exitcode == -signal.SIGHUP
        self._restarts.died(place, time.monotonic(), excused=excused)
        log.warning("worker %s ended with %s", process.pid, process.exitcode)
        if process.pid is not None:
            retire_worker(process.pid, self._metrics_dir)

    def terminate_all(self) -> None:
        """Start every worker's drain.

        Our own hold on the address goes first: with it connections would still be made, and wait
        for workers that take no more.
        """
        for sock in self.sockets:
            sock.close()
        super().terminate_all()

    def handle_hup(self) -> None:
        """Let everybody read `.env` again."""
        self._on_hup()
        for process in self.processes:
            if process.pid is not None and process.process.is_alive():
                os.kill(process.pid, signal.SIGHUP)

    def handle_ttin(self) -> None:
        """The number of workers is fixed by ``--workers``."""

    def handle_ttou(self) -> None:
        """The number of workers is fixed by ``--workers``."""
