"""The words of a failing day: times, factors, rates and latencies, read and written."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING

from providers.simulator.bucket import Rate
from providers.simulator.latency import Latency, LongTail
from providers.simulator.script import Allows, Fails, Slows, Takes

if TYPE_CHECKING:
    from providers.simulator.script import Entry

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?")
_LONGEST_S = 366 * 86_400.0
_HIGHEST_FACTOR = 10_000.0


def number_of(text: str) -> float:
    """A number; raises ValueError for what is none, or not finite."""
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise ValueError(f"a number is expected, not {text!r}")
    return number


def seconds_of(text: str) -> float:
    """``90s``, ``1h30m``, ``500ms``, ``2`` (seconds) or a time of the day, ``09:30``; in seconds.

    Raises:
        ValueError: it is none of these, below 0 or over a year.
    """
    clock = _CLOCK.fullmatch(text)
    parts = _PART.findall(text)
    if clock is not None:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        total = hours * 3600.0 + minutes * 60 + seconds
    elif parts and "".join(number + unit for number, unit in parts) == text:
        total = sum(float(number) * _UNITS[unit] for number, unit in parts)
    else:
        try:
            total = number_of(text)
        except ValueError:
            raise ValueError(f"a time reads 90s, 1h30m, 500ms or 09:30, not {text!r}") from None
    if not 0 <= total <= _LONGEST_S:
        raise ValueError(f"a time is 0 or more and at most a year, not {text}")
    return total


def factor_of(text: str) -> float:
    """``x10`` or ``x0.5``: over 0."""
    factor = number_of(text.removeprefix("x"))
    if not 0 < factor <= _HIGHEST_FACTOR:
        raise ValueError(f"a factor is over 0 and at most {_HIGHEST_FACTOR:g}, not {text}")
    return factor


def rate_of(text: str) -> Rate:
    """``60/m``: so many requests a second (``s``), a minute (``m``) or an hour (``h``)."""
    requests, slash, unit = text.partition("/")
    if not slash or unit not in {"s", "m", "h"} or not requests.isascii() or not requests.isdigit():
        raise ValueError(f"a limit reads 60/m, 5/s or 1000/h, not {text!r}")
    return Rate(int(requests), _UNITS[unit])


def latency_of(p50_s: float, p95_s: float | None = None) -> Latency | LongTail:
    """A latency of seconds: always that long, or by its median and 95th percentile."""
    if p95_s is None:
        return Latency(p50_s * 1000)
    return LongTail(p50_s * 1000, p95_s * 1000)


def yes_or_no(text: str) -> bool:
    """``true`` or ``false``, and YAML's other words for them."""
    word = text.casefold()
    if word not in {"true", "yes", "on", "false", "no", "off"}:
        raise ValueError(f"true or false is expected, not {text!r}")
    return word in {"true", "yes", "on"}


def spell_s(seconds: float) -> str:
    """A time as `seconds_of` reads it: ``1h30m``, ``2m``, ``1.5s``, ``250ms``."""
    if 0 < seconds < 1:
        return f"{seconds * 1000:g}ms"
    whole, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(whole), 60)
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else ""]
    if rest or not any(parts):
        parts.append(f"{rest:.6g}s")
    return "".join(parts)


def spell(entry: Entry) -> str:
    """What an entry does, in a few words."""
    what = entry.what
    share = "" if entry.share >= 1 else f" for {entry.share * 100:g} %"
    if isinstance(what, Fails):
        wait = "" if what.retry_after_s is None else f", retry after {spell_s(what.retry_after_s)}"
        return f"{what.fault}{share}{wait}"
    if isinstance(what, Slows):
        ramp = f", over {spell_s(what.ramp_s)}" if what.ramp_s else ""
        return f"latency x{what.factor:g}{ramp}"
    if isinstance(what, Takes):
        return f"latency {_spell_latency(what.latency)}"
    if isinstance(what, Allows):
        unit = {1.0: "second", 60.0: "minute", 3600.0: "hour"}[what.rate.seconds]
        return f"{what.rate.requests} requests a {unit}"
    return f"wrong answers{share}"


def _spell_latency(latency: Latency | LongTail) -> str:
    if isinstance(latency, LongTail):
        return f"p50 {spell_s(latency.p50_ms / 1000)}, p95 {spell_s(latency.p95_ms / 1000)}"
    return spell_s(latency.base_ms / 1000)
