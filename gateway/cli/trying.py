"""`wallbounce try`: one vendor alone, with all that goes over the wire."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import ExitStack, aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.environment import (
    ENV_FILE,
    refuse_prices_nobody_can_follow,
    settings_or_exit,
)
from gateway.cli.parameters import FiniteRange, question_of
from gateway.environment import merge, read_env_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.cli.try_calls import Plan, Tried
    from gateway.cli.try_secrets import Secrets
    from gateway.settings import Settings
    from providers.catalog import Catalog
    from providers.pool import ProviderSpec

SHOWN = frozenset({"openai", "anthropic", "google"})
"""Vendors our own adapters speak to; the others' wire is LiteLLM's."""

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")


@click.command(
    "try", epilog="Exit code: 0 answered, 1 the vendor failed, 2 called wrongly or not configured."
)
@click.argument("provider")
@click.argument("prompt")
@click.option("--stream", is_flag=True, help="Ask for a stream, and show its events as they come.")
@click.option("--system", metavar="TEXT", help="A system prompt.")
@click.option("--max-tokens", type=click.IntRange(1, 10_000_000), help="Longest reply in tokens.")
@click.option("--temperature", type=FiniteRange(0, 2), help="On OpenAI's scale, 0 to 2.")
@click.option("--seed", type=click.IntRange(-(2**63), 2**63 - 1), help="For repeatable replies.")
@click.option(
    "--effort", "reasoning_effort", type=click.Choice(EFFORTS), help="How long it may think."
)
@click.option(
    "--json-schema",
    "schema",
    type=click.Path(path_type=Path),
    help="A file with the JSON schema the reply has to keep.",
)
@click.option("--tools", type=click.Path(path_type=Path), help="A file with functions to offer.")
@click.option(
    "--image", "images", multiple=True, metavar="FILE|URL", help="An image; may be repeated."
)
@click.option(
    "--timeout",
    "timeout_s",
    type=FiniteRange(0.1, 600),
    default=60.0,
    show_default=True,
    help="Seconds for each call.",
)
@click.option(
    "--attempts",
    type=click.IntRange(1, 10),
    help="Tries a call gets at most; default WALLBOUNCE_RETRY_ATTEMPTS.",
)
@click.option(
    "--repeat",
    type=click.IntRange(1, 1_000),
    default=1,
    show_default=True,
    help="Calls, one after the other over one connection.",
)
@click.option("--simulated", is_flag=True, help="Ask a simulated vendor: no key, no network.")
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON, and nothing else.")
def command(provider: str, prompt: str, *, as_json: bool, simulated: bool, **wishes: Any) -> None:
    """Ask PROVIDER (gpt, claude, gemini or one of your own) PROMPT alone, and see what goes over the wire.

    PROMPT `-` reads standard input. No gateway is needed and nothing is recorded; the vendor bills the
    call as any other. Keys are masked wherever they stand.
    """
    text = question_of(prompt)
    with ExitStack() as stack:
        settings = _settings(stack, simulated=simulated)
        refuse_prices_nobody_can_follow(settings)
        spec = _spec(settings, provider)
        # Slow to import, and of no use to those who ask for --help or mistype.
        from gateway.cli.try_secrets import secrets_of  # noqa: PLC0415
        from gateway.pricing import catalog_of  # noqa: PLC0415

        plan = _plan(settings, spec, text, wishes)
        secrets = secrets_of(settings, merge(os.environ, read_env_file(ENV_FILE)))
        all_tried = asyncio.run(_try(plan, catalog_of(settings), secrets, as_json=as_json))
    if any(tried.call.error is not None for tried in all_tried):
        sys.exit(1)


def _settings(stack: ExitStack, *, simulated: bool) -> Settings:
    if not simulated:
        return settings_or_exit()
    from providers.simulator import RunningSimulator  # noqa: PLC0415 - few calls need it

    return settings_or_exit(stack.enter_context(RunningSimulator()).environment)


def _spec(settings: Settings, name: str) -> ProviderSpec:
    """The provider of that name; where none is configured, what to set is said and the command ends."""
    from gateway.configuration import specs_of  # noqa: PLC0415 - slow, as above

    specs = {spec.name: spec for spec in specs_of(settings)}
    if name in specs:
        return specs[name]
    keys = {"gpt": "OPENAI_API_KEY", "claude": "ANTHROPIC_API_KEY", "gemini": "GOOGLE_API_KEY"}
    known = f"; configured: {', '.join(specs)}" if specs else ""
    what = f"set {keys[name]}, or try --simulated" if name in keys else "is its name right?"
    raise click.UsageError(f"no provider {name!r} is configured: {what}{known}")


def _plan(settings: Settings, spec: ProviderSpec, text: str, wishes: dict[str, Any]) -> Plan:
    from gateway.cli.try_calls import Plan  # noqa: PLC0415 - slow, as above
    from gateway.cli.try_prompt import prompt_of  # noqa: PLC0415

    how = {name: wishes.pop(name) for name in ("stream", "timeout_s", "repeat")}
    attempts = wishes.pop("attempts") or settings.vendors.retry_attempts
    prompt = prompt_of(text, **wishes)
    return Plan(spec=spec, prompt=prompt, attempts=attempts, proxy=settings.vendors.proxy, **how)


async def _try(plan: Plan, catalog: Catalog, secrets: Secrets, *, as_json: bool) -> list[Tried]:
    from gateway.cli.try_calls import tried  # noqa: PLC0415 - slow, as above
    from gateway.cli.try_view import call_json, call_lines, summary_lines  # noqa: PLC0415

    show: Callable[[str], None] = (lambda _: None) if as_json else click.echo
    if plan.spec.vendor not in SHOWN:
        show("* LiteLLM speaks to this vendor: what goes over the wire is not shown")
    done: list[Tried] = []
    async with aclosing(tried(plan, catalog, secrets, show)) as calls:
        async for one in calls:
            done.append(one)
            if not as_json:
                show("")
                for line in call_lines(one, secrets):
                    show(line)
                show("")
    if as_json:
        body = {
            "provider": plan.spec.name,
            "vendor": plan.spec.vendor,
            "model": plan.spec.model,
            "calls": [call_json(one, secrets) for one in done],
        }
        click.echo(json.dumps(body, indent=2, ensure_ascii=False))
    elif plan.repeat > 1:
        for line in summary_lines(done):
            show(line)
    return done
