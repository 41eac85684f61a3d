"""The load of a benchmark: a bounded number of requests from a process of its own, to 127.0.0.1 only."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from itertools import count
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import click

from bench.processes import ROOT

_REQUEST_SECONDS = 60.0


class LoadError(Exception):
    """A request was not answered as the benchmark needs it: what was measured would mean nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the client saw: ``seconds`` of wall time, latencies in ms."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float


def consensus_body(number: int) -> dict[str, Any]:
    """A three-vendor consensus request; no two numbers ask the same."""
    return {
        "prompt": _question(number),
        "task_type": "critical",
        "cache": "off",
        "user_id": f"user-{number}",
    }


def chat_body(number: int) -> dict[str, Any]:
    """The same question as an OpenAI chat completion of one vendor."""
    return {"model": "gpt-5", "messages": [{"role": "user", "content": _question(number)}]}


def _question(number: int) -> str:
    return f"Please add {1000 + number} and {4000 + 7 * number}, and explain how you got there."


def run_load(url: str, path: str, *, requests: int, concurrency: int, first: int = 0) -> Load:
    """Send the load from a process of its own and wait for it.

    Args:
        url: where the system listens; must be 127.0.0.1.
        path: ``/api/v1/generate`` asks for a consensus, anything else for a chat completion.
        requests: how many in all.
        concurrency: how many at once.
        first: number of the first question; later rounds ask other questions.

    Raises:
        LoadError: an answer was not what it should be.
    """
    command = [sys.executable, "-m", "bench.load", f"--url={url}", f"--path={path}"]
    command += [f"--requests={requests}", f"--concurrency={concurrency}", f"--first={first}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LoadError(done.stderr.strip()[-2000:])
    return Load(**json.loads(done.stdout))


async def _send(url: str, path: str, requests: int, concurrency: int, first: int) -> Load:
    body_of = consensus_body if path == "/api/v1/generate" else chat_body
    check = _check_consensus if path == "/api/v1/generate" else _check_chat
    numbers = count(first)
    latencies: list[float] = []

    async def worker(session: aiohttp.ClientSession) -> None:
        while (number := next(numbers)) < first + requests:
            begun = time.perf_counter()
            async with session.post(url + path, json=body_of(number)) as answer:
                body = await answer.read()
            latencies.append(time.perf_counter() - begun)
            if answer.status != 200:
                raise LoadError(f"{answer.status} from {path}: {body[:500]!r}")
            check(json.loads(body), number)

    timeout = aiohttp.ClientTimeout(total=_REQUEST_SECONDS)
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        begun = time.perf_counter()
        async with asyncio.TaskGroup() as workers:
            for _ in range(concurrency):
                workers.create_task(worker(session))
        seconds = time.perf_counter() - begun
    cuts = quantiles(latencies, n=100, method="inclusive")
    return Load(len(latencies), seconds, cuts[49] * 1e3, cuts[98] * 1e3)


def _check_consensus(body: dict[str, Any], number: int) -> None:
    votes = body["votes"]
    vendors = {vote["vendor"] for vote in votes if vote["error"] is None}
    if not body["srp_processed"] or vendors != {"openai", "anthropic", "google"}:
        raise LoadError(f"not a consensus of three vendors: {json.dumps(body)[:1500]}")
    if (
        str(5000 + 8 * number) not in body["content"]
        or not 0 < body["consensus"]["confidence"] <= 1
    ):
        raise LoadError(f"not the answer of the majority: {json.dumps(body)[:1500]}")


def _check_chat(body: dict[str, Any], number: int) -> None:
    if str(5000 + 8 * number) not in body["choices"][0]["message"]["content"]:
        raise LoadError(f"not the vendor's answer: {json.dumps(body)[:1500]}")


@click.command()
@click.option("--url", required=True)
@click.option("--path", required=True)
@click.option("--requests", type=click.IntRange(2, 100_000), required=True)
@click.option("--concurrency", type=click.IntRange(1, 256), required=True)
@click.option("--first", type=click.IntRange(0), default=0)
def main(url: str, path: str, requests: int, concurrency: int, first: int) -> None:
    """Send the load and print what was seen as JSON."""
    if urlsplit(url).hostname != "127.0.0.1":
        raise click.BadParameter("loads go to 127.0.0.1 only", param_hint="--url")
    try:
        load = asyncio.run(_send(url, path, requests, concurrency, first))
    except* LoadError as errors:
        raise click.ClickException(str(errors.exceptions[0])) from None
    click.echo(json.dumps(asdict(load)))


if __name__ == "__main__":
    main()
