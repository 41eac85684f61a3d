"""A gateway on a real port whose learning engine says what a test tells it to say."""

import threading
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import uvicorn

from gateway.advice_terms import SteeringTerms
from gateway.api.app import create_app
from gateway.environment import read_settings
from gateway.factory import open_gateway
from gateway.steering import Steering

ALL = SteeringTerms("full", escalation=True, exploration=0.1, exploration_budget_usd=1.0)
READY_WITHIN_S = 30.0
POLL_S = 0.02


class ToldEngine:
    """Advises what `says` holds; None knows nothing, an exception is raised."""

    def __init__(self):
        self.says = None

    async def advise(self, request):
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


class AdvisedGateway:
    """Serves in a thread of the test's own process, from ``with`` to its end.

    Args:
        env: The gateway's settings, by their variables.
    """

    def __init__(self, env):
        self.engine = ToldEngine()
        self._settings = read_settings(env, None)
        config = uvicorn.Config(create_app(self._open), port=0, log_config=None)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="advised gateway")

    @asynccontextmanager
    async def _open(self):
        async with open_gateway(self._settings, lambda: self._settings) as gateway:
            steering = Steering(self.engine, ALL)
            yield replace(gateway, pipeline=replace(gateway.pipeline, steering=steering))

    def __enter__(self):
        self._thread.start()
        end = time.monotonic() + READY_WITHIN_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > end:
                self._server.should_exit = True
                raise RuntimeError("the gateway did not start")
            time.sleep(POLL_S)
        return self

    def __exit__(self, *_):
        self._server.should_exit = True
        self._thread.join()

    @property
    def url(self):
        (server,) = self._server.servers
        host, port = server.sockets[0].getsockname()
        return f"http://{host}:{port}"
