"""Calls TensorZero's embedded gateway in process, as often as a line on stdin says, and reports on stdout.

Runs in the peer's virtual environment: of our own only modules without dependencies.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from dataclasses import asdict
from itertools import count
from typing import Any

from tensorzero import AsyncTensorZeroGateway

from bench.load_figures import Load, load_of
from bench.questions import question, total


class WrongAnswerError(Exception):
    """An answer without the sum that was asked for."""


async def serve(config: str, function: str) -> None:
    """Answer order after order until stdin ends; the first line says that it is ready."""
    async with await AsyncTensorZeroGateway.build_embedded(config_file=config) as gateway:
        _say({"ready": True})
        while line := await asyncio.to_thread(sys.stdin.readline):
            try:
                _say(asdict(await _round(gateway, function, **json.loads(line))))
            except* Exception as errors:  # noqa: BLE001 - told to the benchmark, which gives no figures then
                _say({"error": repr(errors.exceptions[0])[:2000]})


async def _round(
    gateway: AsyncTensorZeroGateway, function: str, requests: int, concurrency: int, first: int
) -> Load:
    numbers = count(first)
    latencies: list[float] = []

    async def worker() -> None:
        while (number := next(numbers)) < first + requests:
            asked: Any = {"messages": [{"role": "user", "content": question(number)}]}
            begun = time.perf_counter()
            answer = await gateway.inference(
                function_name=function, variant_name=function, input=asked
            )
            latencies.append(time.perf_counter() - begun)
            text = "".join(block.text for block in answer.content)
            if str(total(number)) not in text:
                raise WrongAnswerError(f"not the right sum: {text[:1500]}")

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as workers:
        for _ in range(concurrency):
            workers.create_task(worker())
    return load_of(latencies, time.perf_counter() - begun)


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--function", required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.config, options.function))


if __name__ == "__main__":
    main()
