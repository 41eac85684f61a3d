"""The floor under any gateway in Python: FastAPI asks three vendors at once and adds nothing.

What the wall-bounce costs above this is ours; what is below is the framework, the client and JSON.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from httpx_aiohttp import AiohttpTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

UPSTREAM = os.environ.get("BENCH_UPSTREAM", "http://127.0.0.1:1")


@asynccontextmanager
async def _lifespan(application: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(transport=AiohttpTransport(), base_url=UPSTREAM) as client:
        application.state.client = client
        yield


app = FastAPI(lifespan=_lifespan)


@app.get("/health/ready")
async def ready() -> dict[str, str]:
    """Answers once the server runs."""
    return {"status": "ok"}


@app.post("/v1/chat/completions")
async def fan_out(request: Request) -> JSONResponse:
    """Ask the three mock vendors at once and return the first one's answer."""
    body = await request.json()
    client: httpx.AsyncClient = request.app.state.client
    text = body["messages"][-1]["content"]
    gemini = {"contents": [{"role": "user", "parts": [{"text": text}]}]}
    answers = await asyncio.gather(
        _ask(client, "/v1/chat/completions", {"model": "gpt-5", "messages": body["messages"]}),
        _ask(
            client,
            "/v1/messages",
            {"model": "claude", "messages": body["messages"], "max_tokens": 512},
        ),
        _ask(client, "/v1beta/models/gemini-2.5-pro:generateContent", gemini),
    )
    return JSONResponse(answers[0])


async def _ask(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    answer.raise_for_status()
    reply: dict[str, Any] = answer.json()
    return reply
