"""`wallbounce simulate`: vendors to rehearse with, in the foreground until interrupted."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from gateway.cli.parameters import FiniteRange
from gateway.cli.simulate_day import day_line, day_table, day_view, export_line
from providers import simulator

FASTEST = 1e6


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


class EndpointParam(click.ParamType[simulator.Endpoint]):
    """`VENDOR/NAME`, with a port or without: as `providers.simulator.parse_endpoint` reads it."""

    name = "vendor/name"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> simulator.Endpoint:
        """The endpoint, or click's own error."""
        if isinstance(value, simulator.Endpoint):
            return value
        try:
            return simulator.parse_endpoint(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class ScriptFile(click.ParamType[simulator.Script]):
    """A file that `providers.simulator.load_script` reads."""

    name = "file"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> simulator.Script:
        """The day, or click's own error with a line for each mistake."""
        if isinstance(value, simulator.Script):
            return value
        try:
            return simulator.load_script(Path(value))
        except simulator.ScriptError as error:
            self.fail("\n".join(error.lines), param, ctx)


@click.command("simulate")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=4100,
    show_default=True,
    type=click.IntRange(0, 65_535),
    help="The port that all vendors share; endpoints get those that follow. 0: any free ones.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    type=FaultParam(),
    help="Let a vendor fail: gpt=500 (always), gpt=500:0.3 (often), gpt=500x3 (three times).",
)
@click.option(
    "--faults",
    "script",
    type=ScriptFile(),
    help="Play a failing day from a file, such as ops/simulator/failing-day.yaml.",
)
@click.option("--check", is_flag=True, help="Only read the file of --faults and show its day.")
@click.option(
    "--speed",
    type=FiniteRange(0, FASTEST, min_open=True),
    help="Seconds of the day that pass in one second, in place of the file's.",
)
@click.option(
    "--endpoint",
    "endpoints",
    multiple=True,
    type=EndpointParam(),
    help="One more place to ask a vendor, on a port of its own: gpt/eu, or gpt/eu=4104.",
)
@click.option(
    "--apart",
    is_flag=True,
    help="Each vendor on a port of its own, too, so that it can refuse connections (fault `refused`).",
)
@click.option(
    "--latency-scale",
    default=1.0,
    show_default=True,
    type=FiniteRange(0, 1000),
    help="Multiplies all waiting; 0 answers at once.",
)
@click.option("--seed", default=0, show_default=True, help="Decides wordings, jitter and luck.")
@click.option(
    "--json", "as_json", is_flag=True, help="One line of JSON for the start and each change."
)
def command(
    script: simulator.Script | None,
    *,
    check: bool,
    speed: float | None,
    as_json: bool,
    **settings: Any,
) -> None:
    """Run simulated vendors that speak the wire protocols of OpenAI, Anthropic and Gemini.

    Point a gateway at them with the variables printed at the start; any key does. Faults and latencies can be changed while it runs: PUT /_control. With --faults they fail by a timetable.
    """
    if script is None and (check or speed is not None):
        raise click.UsageError("--check and --speed go with --faults FILE.")
    day = script or simulator.Script()
    if speed is not None:
        day = replace(day, speed=speed)
    host, port = settings.pop("host"), settings.pop("port")
    try:
        config = simulator.SimulatorConfig(script=day, **settings)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if check:
        click.echo(json.dumps(day_view(day))) if as_json else day_table(day)
        return
    _serve(config, host, port, as_json=as_json)


def _serve(config: simulator.SimulatorConfig, host: str, port: int, *, as_json: bool) -> None:
    def listening(addresses: simulator.Addresses) -> None:
        variables = export_line(addresses)
        if as_json:
            click.echo(json.dumps({"url": addresses.base, "environment": variables}))
        else:
            click.echo("export " + " ".join(f"{k}={v}" for k, v in variables.items()))

    def changed(view: dict[str, Any]) -> None:
        if as_json:
            click.echo(json.dumps(view))
        elif config.script.entries or view["down"]:
            click.echo(day_line(view), err=True)

    try:
        simulator.serve(config, host, port, listening=listening, changed=changed)
    except OSError as error:
        # asyncio words it anew, with the address a second time; the resolver's codes are below zero.
        code = error.errno or 0
        reason = os.strerror(code) if code > 0 else error.strerror
        where = error.filename or f"{host}:{port}"
        raise click.ClickException(f"cannot listen on {where}: {reason}") from None
