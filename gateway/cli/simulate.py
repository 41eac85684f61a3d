"""`wallbounce simulate`: vendors to rehearse with, in the foreground until interrupted."""

from __future__ import annotations

import os
from typing import Any

import click

from gateway.announcement import reachable
from gateway.cli.parameters import FiniteRange
from providers import simulator


class FaultParam(click.ParamType[simulator.FaultRule]):
    """`VENDOR=FAULT`, with a probability or a count: as `providers.simulator.parse_fault` reads it."""

    name = "vendor=fault"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> simulator.FaultRule:
        """The rule, or click's own error."""
        if isinstance(value, simulator.FaultRule):
            return value
        try:
            return simulator.parse_fault(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command("simulate")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=4100, show_default=True, type=click.IntRange(1, 65_535))
@click.option(
    "--fault",
    "faults",
    multiple=True,
    type=FaultParam(),
    help="Let a vendor fail: gpt=500 (always), gpt=500:0.3 (often), gpt=500x3 (three times).",
)
@click.option(
    "--latency-scale",
    default=1.0,
    show_default=True,
    type=FiniteRange(0, 1000),
    help="Multiplies all waiting; 0 answers at once.",
)
@click.option("--seed", default=0, show_default=True, help="Decides wordings, jitter and luck.")
def command(
    host: str, port: int, faults: tuple[simulator.FaultRule, ...], latency_scale: float, seed: int
) -> None:
    """Run simulated vendors that speak the wire protocols of OpenAI, Anthropic and Gemini.

    Point a gateway at them with the variables printed at the start; any key does. Faults and latencies can be changed while it runs: PUT /_control.
    """
    try:
        config = simulator.SimulatorConfig(seed=seed, latency_scale=latency_scale, faults=faults)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    base = reachable(host, port)
    click.echo(
        f"export OPENAI_BASE_URL={base}/v1 ANTHROPIC_BASE_URL={base} GEMINI_BASE_URL={base} "
        "OPENAI_API_KEY=simulated ANTHROPIC_API_KEY=simulated GOOGLE_API_KEY=simulated"
    )
    try:
        simulator.serve(config, host, port)
    except OSError as error:
        # asyncio words it anew, with the address a second time; the resolver's codes are below zero.
        code = error.errno or 0
        reason = os.strerror(code) if code > 0 else error.strerror
        raise click.ClickException(f"cannot listen on {host}:{port}: {reason}") from None
