"""The command line, `wallbounce`: each command is a module, imported only when it is called."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "alerts": "See what is wrong, and try the channels that tell of it.",
    "ask": "Ask one question and see who said what.",
    "backtest": "Measure what learning gains on recorded answers and on this gateway's own past.",
    "demo": "Rehearse the whole gateway with simulated vendors: no key, no network.",
    "doctor": "Check the environment and say what to do about what is wrong.",
    "evaluate": "Measure the consensus on recorded answers.",
    "monitor": "See daily figures, trends and vendors that change.",
    "patterns": "See, back up and tend what requests have taught.",
    "policy": "See, promote and revert what learning puts in force.",
    "rollout": "See and set the traffic share.",
    "serve": "Run the gateway.",
    "simulate": "Run simulated vendors that speak the three wire protocols.",
    "trust": "See what feedback has taught of whom to believe.",
    "try": "Ask one vendor alone and see what goes over the wire.",
}

MODULES = {"try": "trying"}
"""Modules of commands whose names no module can have."""


class LazyGroup(click.Group):
    """Imports `gateway.cli.NAME` when NAME is asked for, so that `serve` starts without `rich`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = MODULES.get(cmd_name, cmd_name)
        command: click.Command = import_module(f"gateway.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Lists the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wallbounce", prog_name="wallbounce")
def main() -> None:
    """Ask several vendors' LLMs the same question; get one answer with a confidence."""
