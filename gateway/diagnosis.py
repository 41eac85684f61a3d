"""Examines an environment piece by piece; each finding says what to do."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import platform
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from gateway.announcement import running
from gateway.configuration import rollout_plan_of, specs_of
from gateway.environment import SettingsError, read_settings
from gateway.pricing import catalog_of, unpriced
from gateway.storage.address import sqlite_file
from gateway.storage.sql import Database
from providers import anthropic, gemini, openai

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gateway.settings import Settings
    from providers.pool import EndpointSpec, ProviderSpec

Level = Literal["ok", "warn", "fail"]

CONNECT_WITHIN_S = 5.0
DATABASE_WITHIN_S = 10.0
PANEL = 2
"""Vendors a consensus needs at least."""

HOMES = {"openai": openai.BASE_URL, "anthropic": anthropic.BASE_URL, "google": gemini.BASE_URL}
KEYS = {
    "gpt": "OPENAI_API_KEY",
    "claude": "ANTHROPIC_API_KEY",
    "gemini": "GOOGLE_API_KEY",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``advice`` is empty when nothing needs doing."""

    subject: str
    level: Level
    found: str
    advice: str = ""


async def examine(environ: Mapping[str, str], env_file: Path, *, connect: bool) -> list[Finding]:
    """Look at everything a gateway started here would meet."""
    findings = [_python()]
    try:
        settings = read_settings(environ, env_file)
    except SettingsError as error:
        return findings + [
            Finding(
                "settings", "fail", line, f"correct it in the environment or in {env_file.name}"
            )
            for line in error.lines
        ]
    findings.append(
        Finding("settings", "ok", f"the environment and {env_file.name}, if there is one")
    )
    findings += _plan(settings)
    findings += await _vendors(settings, connect=connect)
    findings += _prices(settings)
    findings.append(_data_dir(settings))
    findings.append(await _database(settings))
    findings += _keys(settings)
    findings.append(_embedding(settings))
    findings.append(_entailment(settings))
    findings.append(_gateways(settings))
    return findings


def _plan(settings: Settings) -> list[Finding]:
    try:
        plan = rollout_plan_of(settings)
    except SettingsError as error:
        advice = "correct the file; `wallbounce serve` does not start with it"
        return [Finding("rollout plan", "fail", line, advice) for line in error.lines]
    if plan is None:
        return []
    stages = ", ".join(f"{stage.percentage:g}" for stage in plan.stages)
    return [Finding("rollout plan", "ok", f"{plan.name}: {stages} %, {plan.advance} advance")]


def _python() -> Finding:
    return Finding("python", "ok", f"{platform.python_version()} at {sys.executable}")


async def _vendors(settings: Settings, *, connect: bool) -> list[Finding]:
    specs = specs_of(settings)
    findings = []
    for name, variable in KEYS.items():
        if not any(spec.name == name for spec in specs):
            findings.append(Finding(name, "warn", "not configured", f"set {variable}"))
    if connect:
        findings += await asyncio.gather(
            *(_reach(spec, place) for spec in specs for place in _places(spec))
        )
    else:
        findings += [
            Finding(
                _subject(spec, place), "ok", f"{spec.model}{_asked_with(spec, place)}, not tried"
            )
            for spec in specs
            for place in _places(spec)
        ]
    if not specs:
        findings.append(
            Finding(
                "panel",
                "fail",
                "no vendor",
                f"set a key, e.g. {KEYS['gemini']}, or try `wallbounce demo`",
            )
        )
    elif len(specs) < PANEL:
        findings.append(
            Finding(
                "panel",
                "warn",
                "one vendor: every answer will be `single`",
                "configure a second vendor",
            )
        )
    return findings


def _prices(settings: Settings) -> list[Finding]:
    try:
        catalog = catalog_of(settings)
    except SettingsError as error:
        advice = "correct the file (docs/costs.md); `wallbounce serve` does not start with it"
        return [Finding("prices", "fail", line, advice) for line in error.lines]
    unknown = [
        Finding(
            f"price of {spec.name}",
            "warn",
            f"{why}: its costs are null, and a budget is refused",
            "write it into the file WALLBOUNCE_PRICES names (docs/costs.md)",
        )
        for spec, _, why in unpriced(catalog, specs_of(settings))
    ]
    return unknown or [Finding("prices", "ok", "known for every configured model")]


def _places(spec: ProviderSpec) -> tuple[EndpointSpec | None, ...]:
    """Its endpoints; None is the one of a provider that names none."""
    return spec.endpoints or (None,)


def _subject(spec: ProviderSpec, place: EndpointSpec | None) -> str:
    return spec.name if place is None else f"{spec.name} {place.name}"


def _asked_with(spec: ProviderSpec, place: EndpointSpec | None) -> str:
    """Under which name, and with whose key it is asked; of the key itself nothing is shown."""
    called = f" as {place.deployment}" if place is not None and place.deployment else ""
    if place is not None and place.api_key is not None:
        return f"{called}, a key of its own"
    return called if spec.api_key else f"{called}, no key"


async def _reach(spec: ProviderSpec, place: EndpointSpec | None) -> Finding:
    subject = _subject(spec, place)
    base_url = spec.base_url if place is None else place.base_url
    url = urlsplit(base_url or HOMES.get(spec.vendor, ""))
    if not url.hostname:
        return Finding(subject, "ok", f"{spec.model} through LiteLLM, not tried")
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        async with asyncio.timeout(CONNECT_WITHIN_S):
            _, writer = await asyncio.open_connection(url.hostname, port)
        writer.close()
    except (OSError, UnicodeError) as error:  # a TimeoutError is an OSError
        reason = _reason(error)
        return Finding(
            subject,
            "fail",
            f"{url.hostname}:{port} cannot be reached: {reason}",
            "check the network and the base URL; a proxy of the environment is not used",
        )
    found = f"{spec.model} at {url.hostname}:{port}{_asked_with(spec, place)}"
    return Finding(subject, "ok", found)


def _reason(error: OSError | UnicodeError) -> str:
    if isinstance(error, UnicodeError):
        return "this is no host name"
    if (error.errno or 0) > 0:  # asyncio words it anew; the resolver's codes are below zero
        return os.strerror(error.errno or 0)
    return error.strerror or "no answer"


def _data_dir(settings: Settings) -> Finding:
    folder = settings.server.data_dir.absolute()
    nearest = next(p for p in (folder, *folder.parents) if p.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return Finding("data folder", "ok", str(folder))
    return Finding("data folder", "fail", f"{folder} cannot be written", "set WALLBOUNCE_DATA_DIR")


async def _database(settings: Settings) -> Finding:
    try:
        file = sqlite_file(settings.database_url)
        if file is not None and not file.exists():
            # Opening it would make it, and who only asks changes nothing.
            return Finding("database", "ok", "sqlite, made at the first start")
        async with asyncio.timeout(DATABASE_WITHIN_S):
            database = await Database.open(settings.database_url)
            await database.aclose()
    except Exception as error:  # noqa: BLE001 - whatever a driver raises is the finding
        # A driver's own words, or the exception's name where it has none, as a TimeoutError.
        line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        return Finding("database", "fail", line[:200], "check DATABASE_URL")
    return Finding("database", "ok", urlsplit(settings.database_url).scheme.split("+")[0])


def _keys(settings: Settings) -> list[Finding]:
    findings = []
    if not settings.server.api_keys:
        findings.append(
            Finding(
                "callers", "warn", "anyone who reaches the port may ask", "set WALLBOUNCE_API_KEYS"
            )
        )
    if not settings.server.operator_keys:
        findings.append(
            Finding(
                "operators",
                "warn",
                "operator routes are closed",
                "set WALLBOUNCE_OPERATOR_KEYS, or use `wallbounce rollout` on this host",
            )
        )
    return findings


def _embedding(settings: Settings) -> Finding:
    wanted = settings.consensus.embedding
    if wanted in {"static", "off"} or importlib.util.find_spec("sentence_transformers"):
        return Finding("embedding", "ok", wanted)
    return Finding(
        "embedding",
        "fail",
        f"{wanted} needs sentence-transformers",
        "pip install 'wallbounce[transformers]', or WALLBOUNCE_EMBEDDING=static",
    )


def _entailment(settings: Settings) -> Finding:
    wanted = settings.consensus.entailment
    if wanted in {"shipped", "off"} or importlib.util.find_spec("sentence_transformers"):
        return Finding("entailment", "ok", wanted)
    return Finding(
        "entailment",
        "fail",
        f"{wanted} needs sentence-transformers",
        "pip install 'wallbounce[transformers]', or WALLBOUNCE_ENTAILMENT=shipped",
    )


def _gateways(settings: Settings) -> Finding:
    here = running(settings.server.data_dir)
    said = ", ".join(f"pid {g.pid} at {g.url}" for g in here)
    return Finding("running here", "ok", said or "no gateway")
