"""The load of a benchmark: a bounded number of requests from a process of its own, to 127.0.0.1 only."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import click

from bench.load_figures import Load, load_of
from bench.processes import ROOT
from bench.questions import question, total

if TYPE_CHECKING:
    from collections.abc import Sequence

_REQUEST_SECONDS = 60.0


class LoadError(Exception):
    """A request was not answered as the benchmark needs it: what was measured would mean nothing."""


def consensus_body(number: int) -> dict[str, Any]:
    """A three-vendor consensus request; no two numbers ask the same."""
    return {
        "prompt": question(number),
        "task_type": "critical",
        "cache": "off",
        "user_id": f"user-{number}",
    }


def chat_body(number: int, model: str) -> dict[str, Any]:
    """The same question as an OpenAI chat completion of one vendor."""
    return {"model": model, "messages": [{"role": "user", "content": question(number)}]}


def run_load(  # noqa: PLR0913 - the parts of a load, each by its name
    url: str,
    path: str,
    *,
    requests: int,
    concurrency: int,
    first: int = 0,
    model: str = "gpt-5",
    headers: Sequence[tuple[str, str]] = (),
) -> Load:
    """Send the load from a process of its own and wait for it.

    Args:
        url: where the system listens; must be 127.0.0.1.
        path: ``/api/v1/generate`` asks for a consensus, anything else for a chat completion.
        requests: how many in all.
        concurrency: how many at once.
        first: number of the first question; later rounds ask other questions.
        model: what a chat completion asks for.
        headers: sent with every request.

    Raises:
        LoadError: an answer was not what it should be.
    """
    command = [sys.executable, "-m", "bench.load", f"--url={url}", f"--path={path}"]
    command += [f"--requests={requests}", f"--concurrency={concurrency}", f"--first={first}"]
    command += [f"--model={model}", *(f"--header={name}: {value}" for name, value in headers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LoadError(done.stderr.strip()[-2000:])
    return Load(**json.loads(done.stdout))


async def _send(  # noqa: PLR0913 - as `run_load`
    *,
    url: str,
    path: str,
    requests: int,
    concurrency: int,
    first: int,
    model: str,
    headers: dict[str, str],
) -> Load:
    consensus = path == "/api/v1/generate"
    check = _check_consensus if consensus else _check_chat
    numbers = count(first)
    latencies: list[float] = []

    async def worker(session: aiohttp.ClientSession) -> None:
        while (number := next(numbers)) < first + requests:
            asked = consensus_body(number) if consensus else chat_body(number, model)
            begun = time.perf_counter()
            async with session.post(url + path, json=asked, headers=headers) as answer:
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
    return load_of(latencies, seconds)


def _check_consensus(body: dict[str, Any], number: int) -> None:
    votes = body["votes"]
    vendors = {vote["vendor"] for vote in votes if vote["error"] is None}
    if not body["srp_processed"] or vendors != {"openai", "anthropic", "google"}:
        raise LoadError(f"not a consensus of three vendors: {json.dumps(body)[:1500]}")
    if str(total(number)) not in body["content"] or not 0 < body["consensus"]["confidence"] <= 1:
        raise LoadError(f"not the answer of the majority: {json.dumps(body)[:1500]}")


def _check_chat(body: dict[str, Any], number: int) -> None:
    if str(total(number)) not in body["choices"][0]["message"]["content"]:
        raise LoadError(f"not the vendor's answer: {json.dumps(body)[:1500]}")


@click.command()
@click.option("--url", required=True)
@click.option("--path", required=True)
@click.option("--requests", type=click.IntRange(2, 100_000), required=True)
@click.option("--concurrency", type=click.IntRange(1, 256), required=True)
@click.option("--first", type=click.IntRange(0), default=0)
@click.option("--model", default="gpt-5")
@click.option("--header", "headers", multiple=True, help="NAME: VALUE")
def main(  # noqa: PLR0913 - as `run_load`
    *,
    url: str,
    path: str,
    requests: int,
    concurrency: int,
    first: int,
    model: str,
    headers: tuple[str, ...],
) -> None:
    """Send the load and print what was seen as JSON."""
    if urlsplit(url).hostname != "127.0.0.1":
        raise click.BadParameter("loads go to 127.0.0.1 only", param_hint="--url")
    try:
        sent = {name: value for name, _, value in (line.partition(": ") for line in headers)}
        load = asyncio.run(
            _send(
                url=url,
                path=path,
                requests=requests,
                concurrency=concurrency,
                first=first,
                model=model,
                headers=sent,
            )
        )
    except* LoadError as errors:
        raise click.ClickException(str(errors.exceptions[0])) from None
    click.echo(json.dumps(asdict(load)))


if __name__ == "__main__":
    main()
