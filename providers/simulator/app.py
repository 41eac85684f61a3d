"""The simulator as one ASGI application: three vendors' routes, and its own."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from providers.simulator import anthropic_wire, gemini_wire, openai_wire, question_data
from providers.simulator.anthropic_wire import AnthropicWire
from providers.simulator.config import SimulatorConfig
from providers.simulator.control_words import number
from providers.simulator.controls import Controls
from providers.simulator.door import Door
from providers.simulator.doors import Doors
from providers.simulator.gemini_wire import GeminiWire
from providers.simulator.mind import Mind
from providers.simulator.openai_wire import OpenAiWire
from providers.simulator.vendors import Vendor
from providers.simulator.wire import dumps, loads

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from providers.simulator.wire import Json

_ABOUT = (
    "Simulated vendors for rehearsals. The questions listed here are answered from hand-written data; "
    "plain arithmetic is computed; anything else gets general advice marked as a rehearsal reply."
)


class Simulator(Starlette):
    """The application. Set ``closing`` when it is to stop, so that hanging replies end.

    ``turned`` is set whenever something was set by hand; ``settle`` is awaited before that is
    answered, so that ports are closed and open by then.
    """

    def __init__(self, config: SimulatorConfig) -> None:
        self.closing = asyncio.Event()
        self.turned = asyncio.Event()
        self.settle: Callable[[], Awaitable[object]] | None = None
        self.controls = Controls(config)
        self.doors = Doors(self.controls)
        self._library = question_data.shipped()
        mind = Mind(self._library, config.seed)
        wires = (OpenAiWire(), AnthropicWire(), GeminiWire())
        doors = [Door(w, mind, self.doors, config, self.closing) for w in wires]
        self._doors = doors
        gpt, claude, gemini = doors
        super().__init__(
            routes=[
                Route("/v1/chat/completions", gpt, methods=["POST"]),
                Route("/v1/messages", claude, methods=["POST"]),
                Route("/v1beta/models/{model}:generateContent", gemini, methods=["POST"]),
                Route("/v1beta/models/{model}:streamGenerateContent", gemini, methods=["POST"]),
                Route("/v1/models", _list_v1_models),
                Route("/v1beta/models", _list_gemini_models),
                Route("/", self._show_questions),
                Route("/_control", self._show_controls, methods=["GET"]),
                Route("/_control", self._set_controls, methods=["PUT"]),
                Route("/_control", self._reset, methods=["DELETE"]),
                Route("/_stats", self._show_stats),
                Route("/_script", self._show_script, methods=["GET"]),
                Route("/_script", self._set_script, methods=["PUT"]),
            ]
        )

    async def _show_questions(self, _request: Request) -> Response:
        known = [
            {
                "id": q.id,
                "language": q.language,
                "kind": q.kind,
                "prompt": q.prompt,
                "right": q.right,
                "first_answers": {
                    vendor.value: None if voice.refuses else voice.answer
                    for vendor, voice in q.voices.items()
                },
            }
            for q in self._library.questions
        ]
        return _json({"about": _ABOUT, "vendors": list(Vendor), "questions": known})

    async def _show_controls(self, _request: Request) -> Response:
        return _json(self.controls.settings())

    async def _set_controls(self, request: Request) -> Response:
        try:
            self.controls.apply(loads(await request.body()))
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        await self._settled()
        return _json(self.controls.settings())

    async def _reset(self, _request: Request) -> Response:
        self.controls.reset()
        for door in self._doors:
            door.reset()
        await self._settled()
        return _json(self.controls.settings())

    async def _show_stats(self, _request: Request) -> Response:
        return _json(self.controls.stats())

    async def _show_script(self, _request: Request) -> Response:
        return _json(self.script_view())

    async def _set_script(self, request: Request) -> Response:
        try:
            self.controls.schedule.begin(_at_s(loads(await request.body())))
        except ValueError as error:
            return _json({"error": str(error)}, 400)
        await self._settled()
        return _json(self.script_view())

    async def _settled(self) -> None:
        if self.settle is not None:
            await self.settle()
        self.turned.set()

    def script_view(self) -> Json:
        """The day that is played, where it is, what holds, and the counters so far."""
        view = self.controls.schedule.view()
        down = [str(place) for place, controls in self.controls.of.items() if controls.down]
        return view | {"down": down, "stats": self.controls.stats()}


def create_app(config: SimulatorConfig | None = None) -> Simulator:
    """The simulated vendors as an ASGI application."""
    return Simulator(config or SimulatorConfig())


async def _list_v1_models(request: Request) -> Response:
    """OpenAI's and Anthropic's lists share a path; only Anthropic's clients send its version."""
    if "anthropic-version" in request.headers:
        return _json(anthropic_wire.model_list())
    return _json(openai_wire.model_list(int(time.time())))


async def _list_gemini_models(_request: Request) -> Response:
    return _json(gemini_wire.model_list())


def _at_s(wanted: Any) -> float:
    if not isinstance(wanted, dict) or wanted.keys() != {"at_s"}:
        raise ValueError('expected {"at_s": seconds of the day}')
    return number("the day", "at_s", wanted["at_s"])


def _json(value: Json, status: int = 200) -> Response:
    return Response(dumps(value), status, media_type="application/json")
