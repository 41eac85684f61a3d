"""The soak's callers: so many at once, each waits for its answer or hangs up as its scene says."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

from bench.questions import question
from bench.soak.outcomes import GOOD, Outcome, Seen, failures, outcome, spared
from bench.soak.scenes import CHAT, HangUp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from bench.soak.scenes import Scene

OK = 200
_LONGEST_S = 40.0
"""No request waits longer: twice the longest deadline there is."""

_PATH = "x-wallbounce-path"
_EARLY_S = 0.05
_SHOWN = 20
"""Errors kept in words."""


async def has_chat(url: str) -> bool:
    """Whether the OpenAI-compatible face answers."""
    body = {"model": "gpt", "messages": [{"role": "user", "content": question(0)}]}
    async with aiohttp.ClientSession() as session, session.post(url + CHAT, json=body) as answer:
        return answer.status == OK


@dataclass(slots=True)
class Tally:
    """What became of the requests so far; ``examples`` tells the first errors in words.

    ``failures``: of the vendors, in requests without an answer, by code. ``spared``: of these requests those in
    which a vendor that would have answered was not asked, by the code of that.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    errors_by_kind: Counter[str] = field(default_factory=Counter)
    paths: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    spared: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    latencies_s: list[float] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """All that have ended."""
        return self.outcomes.total()

    @property
    def errors(self) -> int:
        """Those that ended as none should."""
        return sum(n for kind, n in self.outcomes.items() if kind not in GOOD)

    def add(self, of: Scene, found: Outcome, seen: Seen) -> None:
        """Count one."""
        self.outcomes[found] += 1
        self.paths[seen.path or "untold"] += 1
        self.failures.update(code for _, code in failures(seen.problem or {}))
        self.spared.update({code for _, code in spared(of, seen.problem or {})})
        if found in GOOD:
            return
        self.errors_by_kind[f"{found} {seen.status or ''} {of.path}".replace("  ", " ")] += 1
        if len(self.examples) < _SHOWN:
            told = json.dumps({"scene": str(of), "seen": str(seen)})
            self.examples.append(told[:2_000])


async def send(
    url: str, scenes: Iterable[Scene], *, concurrency: int, tally: Tally, until: float
) -> None:
    """Play ``scenes``, ``concurrency`` at once, and count them in ``tally``.

    None begins after ``until`` (of `time.monotonic`).
    """
    left = iter(scenes)
    timeout = aiohttp.ClientTimeout(total=_LONGEST_S)
    connector = aiohttp.TCPConnector(limit=concurrency)

    async def caller(session: aiohttp.ClientSession) -> None:
        for acted in left:
            if time.monotonic() > until:
                return
            begun = time.perf_counter()
            found, seen = await _play(session, url, acted)
            tally.latencies_s.append(time.perf_counter() - begun)
            tally.add(acted, found, seen)

    async with (
        aiohttp.ClientSession(timeout=timeout, connector=connector) as session,
        asyncio.TaskGroup() as callers,
    ):
        for _ in range(concurrency):
            callers.create_task(caller(session))


async def _play(session: aiohttp.ClientSession, url: str, of: Scene) -> tuple[Outcome, Seen]:
    ask = _streamed if of.stream else _whole
    try:
        if of.hang_up is HangUp.MIDWAY:
            async with session.post(url + of.path, json=of.body) as answer:
                await answer.content.readany()
                answer.close()
                return Outcome.HUNG_UP, Seen()
        # Leaving in the middle closes the connection under the request.
        async with asyncio.timeout(_EARLY_S if of.hang_up is HangUp.EARLY else None):
            seen = await ask(session, url, of)
        return outcome(of, seen), seen
    except TimeoutError:
        if of.hang_up is None:
            return Outcome.UNENDED, Seen()
    except aiohttp.ClientError:
        return Outcome.UNENDED, Seen()
    return Outcome.HUNG_UP, Seen()


async def _whole(session: aiohttp.ClientSession, url: str, of: Scene) -> Seen:
    async with session.post(url + of.path, json=of.body) as answer:
        raw = await answer.read()
    if answer.status != OK:
        return Seen(answer.status, problem=_problem(raw))
    return Seen(OK, text=_text_of(of, json.loads(raw)), path=answer.headers.get(_PATH))


def _problem(raw: bytes) -> dict[str, Any]:
    """The error's body; what is no JSON is told as it is, and is nobody's due."""
    try:
        problem: dict[str, Any] = json.loads(raw)
    except ValueError:
        return {"no JSON": repr(raw[:500])}
    return problem


def _text_of(of: Scene, body: dict[str, Any]) -> str:
    if of.path == CHAT:
        return str(body["choices"][0]["message"]["content"])
    return str(body["content"])


async def _streamed(session: aiohttp.ClientSession, url: str, of: Scene) -> Seen:
    """The answer is there once its end has come, in the words of the face that was asked."""
    async with session.post(url + of.path, json=of.body) as answer:
        if answer.status != OK:
            return Seen(answer.status, problem=_problem(await answer.read()))
        if of.path == CHAT:
            return await _chat_stream(answer)
        async for event, data in _events(answer):
            if event == "error":
                problem = json.loads(data)
                return Seen(problem["status"], problem=problem)
            if event == "result":
                return Seen(OK, text=json.loads(data)["content"], path=answer.headers.get(_PATH))
    return Seen()


async def _chat_stream(answer: aiohttp.ClientResponse) -> Seen:
    text: list[str] = []
    finished = False
    async for _, data in _events(answer):
        if data == "[DONE]":
            path = answer.headers.get(_PATH)
            return Seen(OK, text="".join(text), path=path) if finished else Seen()
        chunk = json.loads(data)
        if error := chunk.get("error"):
            return Seen(int(error.get("status") or 503), problem=chunk)
        for choice in chunk["choices"]:
            text.append(choice["delta"].get("content") or "")
            finished = finished or choice["finish_reason"] is not None
    return Seen()


async def _events(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, str]]:
    """Name and data of each server-sent event (data of one line, as both faces send it)."""
    event = ""
    async for line in answer.content:
        name, _, value = line.decode().rstrip("\r\n").partition(": ")
        if name == "event":
            event = value
        elif name == "data":
            yield event, value
            event = ""
