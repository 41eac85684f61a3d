"""The types settings are made of: each reads the text of a variable and says what it allows."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, SecretStr

from gateway.alerts.addresses import addresses
from gateway.alerts.levels import Level
from gateway.alerts.quiet_hours import QuietHours, quiet_hours
from gateway.rollout.plan import NO_PLAN
from gateway.rollout.plan_checks import LARGEST_ALPHA
from gateway.rollout.presets import PRESET_NAMES
from gateway.rollout.window import MAXIMUM_SAMPLE

MOST_LESSONS = 10_000
"""Lessons a process may be told to learn from: 50 MB, and a second or so for each fit."""

MOST_EXPLORED = 0.5
"""The largest share of requests whose vendors may be drawn: more would be a trial, not a service."""

MOST_HEDGED = 0.2
"""The largest share of calls that may be made twice: as many as may be repeated after failures."""

PLAN_FILE_ENDINGS = (".yaml", ".yml")
"""A plan named otherwise is a preset: a mistyped preset is not looked for among the files."""

ANTHROPIC_VERSIONS = ("2023-06-01", "2026-10-21")
"""The versions of Anthropic's API that we speak (`providers.anthropic.Version`)."""

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/@-]*")


class Allowed:
    """What a variable may hold, in words: half of the line a wrong value earns."""

    def __init__(self, words: str) -> None:
        self.words = words


def _number(value: Any, low: float, high: float) -> float:
    if isinstance(value, str) and ("_" in value or not value.isascii()):
        raise ValueError  # Python would read 1_0 and full-width digits
    number = float(value)
    if not (math.isfinite(number) and low <= number <= high):
        raise ValueError
    return number


def _boolean(value: Any) -> Any:
    if isinstance(value, str):
        word = value.strip().lower()
        if word not in _TRUE | _FALSE:
            raise ValueError
        return word in _TRUE
    return value


def _whole(value: Any) -> int:
    number = int(value)
    if number < 1:
        raise ValueError
    return number


def _alpha(value: Any) -> float:
    number = _number(value, 0, LARGEST_ALPHA)
    if number == 0:
        raise ValueError
    return number


def _plan_choice(value: str) -> str:
    if value not in {*PRESET_NAMES, NO_PLAN} and not value.lower().endswith(PLAN_FILE_ENDINGS):
        raise ValueError
    return value


def _anthropic_version(value: str) -> str:
    if value not in ANTHROPIC_VERSIONS:
        raise ValueError
    return value


def _milliseconds(low: float) -> Any:
    def read(value: Any) -> timedelta:
        if isinstance(value, timedelta):
            return value
        return timedelta(milliseconds=_number(value, low, 3_600_000))

    return read


def _seconds(low: float) -> Any:
    def read(value: Any) -> timedelta:
        if isinstance(value, timedelta):
            return value
        return timedelta(seconds=_number(value, low, 86_400))

    return read


def _url(*schemes: str) -> Any:
    def read(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not parts.hostname or re.search(r"\s", value):
            raise ValueError
        _ = parts.port  # raises for a port that is no number from 0 to 65535
        return value.rstrip("/")

    return read


def _redis_url(value: str) -> str:
    parts = urlsplit(_url("redis", "rediss")(value))
    # A "#" or "/" in a password that is not written %23 or %2F cuts the URL in two.
    if parts.fragment or not re.fullmatch(r"(/\d*)?", parts.path):
        raise ValueError
    return value.rstrip("/")


def _database_url(value: str) -> str:
    if urlsplit(value).scheme.split("+")[0] not in {"sqlite", "postgres", "postgresql"}:
        raise ValueError
    return value


def _key(value: str) -> str:
    # A key travels in an HTTP header: anything else would fail there, request by request.
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError
    return value


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _keys(value: Any) -> Any:
    keys = tuple(_key(part) for part in _listed(value))
    if isinstance(value, str) and not keys:
        # "," would otherwise open what its author meant to close.
        raise ValueError
    return keys


def _names(value: Any) -> Any:
    names = _listed(value)
    if not names or len(set(names)) != len(names) or not all(_NAME.fullmatch(n) for n in names):
        raise ValueError
    return names


def _token(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError
    return value


def _split_pairs(value: str) -> tuple[tuple[str, str], ...]:
    pairs = [part.strip().partition("=") for part in value.split(",") if part.strip()]
    names = [name for name, _, _ in pairs]
    if not all(rest for _, _, rest in pairs) or len(set(names)) != len(names):
        raise ValueError
    return tuple((_token(name), rest) for name, _, rest in pairs)


def _pairs(value: Any) -> Any:
    if isinstance(value, str):
        return tuple((name, _token(rest)) for name, rest in _split_pairs(value))
    return value


def _weights(value: Any) -> Any:
    return tuple((name, _number(weight, 0.001, 1000)) for name, weight in _pairs(value))


def _endpoints(value: Any) -> Any:
    if isinstance(value, str):
        return tuple((name, _url("http", "https")(url)) for name, url in _split_pairs(value))
    return value


def _endpoint_keys(value: Any) -> Any:
    if isinstance(value, str):
        return tuple((name, SecretStr(_key(key))) for name, key in _split_pairs(value))
    return value


def _deployments(value: Any) -> Any:
    if isinstance(value, str):
        return tuple((name, _key(called)) for name, called in _split_pairs(value))
    return value


Boolean = Annotated[bool, BeforeValidator(_boolean), Allowed("true or false")]
Percentage = Annotated[
    float, BeforeValidator(lambda v: _number(v, 0, 100)), Allowed("a number from 0 to 100")
]
Fraction = Annotated[
    float, BeforeValidator(lambda v: _number(v, 0, 1)), Allowed("a fraction from 0 to 1")
]
ExploredShare = Annotated[
    float,
    BeforeValidator(lambda v: _number(v, 0, MOST_EXPLORED)),
    Allowed(f"a fraction from 0 to {MOST_EXPLORED:g}"),
]
HedgedShare = Annotated[
    float,
    BeforeValidator(lambda v: _number(v, 0, MOST_HEDGED)),
    Allowed(f"a fraction from 0 to {MOST_HEDGED:g}"),
]
DailyUsd = Annotated[
    float, BeforeValidator(lambda v: _number(v, 0, 1_000_000)), Allowed("USD from 0 to 1000000")
]
Alpha = Annotated[
    float, BeforeValidator(_alpha), Allowed(f"a fraction above 0, at most {LARGEST_ALPHA:g}")
]
Ratio = Annotated[
    float, BeforeValidator(lambda v: _number(v, 0.1, 1000)), Allowed("a number from 0.1 to 1000")
]
AnthropicVersion = Annotated[
    Literal["2023-06-01", "2026-10-21"],
    BeforeValidator(_anthropic_version),
    Allowed(" or ".join(ANTHROPIC_VERSIONS)),
]
PlanChoice = Annotated[
    str,
    BeforeValidator(_plan_choice),
    Allowed(f"{', '.join(PRESET_NAMES)}, none, or the path of a .yaml file"),
]
Count = Annotated[int, BeforeValidator(_whole), Allowed("a whole number from 1")]
SampleSize = Annotated[
    int,
    BeforeValidator(lambda v: int(_number(_whole(v), 1, MAXIMUM_SAMPLE))),
    Allowed(f"a whole number from 1 to {MAXIMUM_SAMPLE}"),
]
LessonCount = Annotated[
    int,
    BeforeValidator(lambda v: int(_number(_whole(v), 1, MOST_LESSONS))),
    Allowed(f"a whole number from 1 to {MOST_LESSONS}"),
]
Milliseconds = Annotated[
    timedelta, BeforeValidator(_milliseconds(1)), Allowed("milliseconds from 1 to 3600000")
]
MillisecondsOrNone = Annotated[
    timedelta, BeforeValidator(_milliseconds(0)), Allowed("milliseconds from 0 to 3600000")
]
Seconds = Annotated[timedelta, BeforeValidator(_seconds(1)), Allowed("seconds from 1 to 86400")]
SecondsOrNone = Annotated[
    timedelta, BeforeValidator(_seconds(0)), Allowed("seconds from 0 to 86400")
]
BaseUrl = Annotated[
    str, BeforeValidator(_url("http", "https")), Allowed("an http or https URL with a host")
]
ProxyUrl = Annotated[
    SecretStr,
    BeforeValidator(_url("http", "https")),
    Allowed("an http or https URL with a host"),
]
Endpoints = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(_endpoints),
    Allowed("name=URL pairs with different names and http or https URLs, separated by commas"),
]
EndpointKeys = Annotated[
    tuple[tuple[str, SecretStr], ...],
    BeforeValidator(_endpoint_keys),
    Allowed("name=key pairs with keys of printable ASCII without spaces, separated by commas"),
]
Deployments = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(_deployments),
    Allowed("name=deployment pairs of printable ASCII without spaces, separated by commas"),
]
RedisUrl = Annotated[SecretStr, BeforeValidator(_redis_url), Allowed("a redis:// or rediss:// URL")]
DatabaseUrl = Annotated[
    SecretStr, BeforeValidator(_database_url), Allowed("a sqlite or postgresql URL")
]
Secret = Annotated[
    SecretStr, BeforeValidator(_key), Allowed("a key of printable ASCII without spaces")
]
KeyList = Annotated[
    tuple[SecretStr, ...],
    BeforeValidator(_keys),
    Allowed("keys of printable ASCII without spaces, separated by commas"),
]
NameList = Annotated[
    tuple[str, ...], BeforeValidator(_names), Allowed("different names, separated by commas")
]
Token = Annotated[
    str, BeforeValidator(_token), Allowed("a name of letters, digits and . _ : / @ -")
]
ProviderModels = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(_pairs),
    Allowed("name=model pairs, separated by commas"),
]
Weights = Annotated[
    tuple[tuple[str, float], ...],
    BeforeValidator(_weights),
    Allowed("name=number pairs with numbers from 0.001 to 1000, separated by commas"),
]
AlertAddresses = Annotated[
    tuple[tuple[Level, SecretStr], ...],
    BeforeValidator(lambda v: addresses(v) if isinstance(v, str) else v),
    Allowed("level=URL pairs with warning, critical or emergency, separated by spaces or commas"),
]
QuietTime = Annotated[
    QuietHours,
    BeforeValidator(lambda v: quiet_hours(v) if isinstance(v, str) else v),
    Allowed("HH:MM-HH:MM and a time zone, as in 22:00-07:00 Asia/Tokyo"),
]
