"""From the nodes of a YAML document to a failing day. Reads as far as it can, so that all mistakes are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.simulator.faults import Fault, fault_named
from providers.simulator.places import USUAL, Endpoint, Place, Target, parse_endpoint, target_named
from providers.simulator.script import Allows, Entry, Fails, Misleads, Script, Slows, Takes
from providers.simulator.script_nodes import Problems, fields, items, line_of, text_of
from providers.simulator.script_words import (
    factor_of,
    latency_of,
    number_of,
    rate_of,
    seconds_of,
    yes_or_no,
)
from providers.simulator.vendors import Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.simulator.latency import Latency, LongTail

_TOP = ("day", "speed", "repeat", "latency", "endpoints", "events")
_ENTRY = (
    "at",
    "for",
    "until",
    "who",
    "fault",
    "latency",
    "limit",
    "answers",
    "share",
    "ramp",
    "retry_after",
    "name",
)
_WHATS = ("fault", "latency", "limit", "answers")
_FASTEST = 1e6


def read_script(node: Any, problems: Problems) -> Script:
    """The day of a document's root node (None: of an empty document)."""
    if node is None:
        problems.found.append((1, "it is empty; a day has events"))
        return Script()
    top = fields(node, _TOP, "the day", problems)
    listed = items(top.get("events"), "events", problems)
    if not listed and not problems.found:
        problems.tell(node, "a day has events, a list of what happens when")
    day_s = problems.tried(top.get("day"), seconds_of, None)
    if "day" in top and day_s is not None and day_s <= 0:
        problems.tell(top["day"], "a day is longer than 0")
    entries = [entry for item in listed if (entry := _entry(item, day_s, problems))]
    endpoints = tuple(
        endpoint
        for item in items(top.get("endpoints"), "endpoints", problems)
        if (endpoint := problems.tried(item, parse_endpoint, None))
    )
    _check_places(entries, endpoints, top, problems)
    return Script(
        entries=tuple(entry for entry, _ in entries),
        day_s=day_s if day_s is not None else max((e.end_s for e, _ in entries), default=0.0),
        speed=problems.tried(top.get("speed"), _speed, 1.0),
        repeat=problems.tried(top.get("repeat"), yes_or_no, or_else=False),
        latency=_standing_latency(top.get("latency"), problems),
        endpoints=endpoints,
    )


def _entry(node: Any, day_s: float | None, problems: Problems) -> tuple[Entry, Any] | None:
    before = len(problems.found)
    told = fields(node, _ENTRY, "an event", problems)
    if "at" not in told:
        problems.tell(node, "an event needs at, the time it begins")
    at_s = problems.tried(told.get("at"), seconds_of, 0.0)
    end_s = _end(node, told, at_s, day_s, problems)
    what = _what(node, told, problems)
    share = problems.tried(told.get("share"), _share, 1.0)
    if "share" in told and isinstance(what, Slows | Takes | Allows):
        problems.tell(told["share"], "share goes with fault or answers")
    who = _who(told.get("who"), problems)
    if len(problems.found) > before or what is None:
        return None
    name = text_of(told["name"]) if "name" in told else ""
    return Entry(at_s, end_s, who, what, share, name, line_of(node)), node


def _end(
    node: Any, told: Mapping[str, Any], at_s: float, day_s: float | None, problems: Problems
) -> float:
    if "for" in told and "until" in told:
        problems.tell(told["until"], "an event has for or until, not both")
    if "for" in told:
        end_s = at_s + problems.tried(told["for"], seconds_of, 1.0)
    elif "until" in told:
        end_s = problems.tried(told["until"], seconds_of, at_s + 1.0)
    elif day_s is None:
        problems.tell(node, "an event needs for or until where the day has no length")
        return at_s + 1.0
    else:
        end_s = day_s
    if end_s <= at_s:
        problems.tell(node, "an event ends after it begins")
    elif day_s is not None and end_s > day_s:
        problems.tell(node, f"the event ends after the day, which lasts {day_s:g} s")
    return end_s


def _what(
    node: Any, told: Mapping[str, Any], problems: Problems
) -> Fails | Slows | Takes | Allows | Misleads | None:
    given = [key for key in _WHATS if key in told]
    if len(given) != 1:
        problems.tell(
            node,
            f"an event has one of {', '.join(_WHATS)}; this has {' and '.join(given) or 'none'}",
        )
        return None
    (kind,) = given
    value = told[kind]
    for extra, of in (("ramp", "latency"), ("retry_after", "fault")):
        if extra in told and kind != of:
            problems.tell(told[extra], f"{extra} goes with {of}")
    if kind == "fault":
        fault = problems.tried(value, fault_named, None)
        wait_s = problems.tried(told.get("retry_after"), seconds_of, None)
        if wait_s is not None and fault not in {None, Fault.RATE_LIMITED}:
            problems.tell(told["retry_after"], "retry_after goes with fault: 429")
        return None if fault is None else Fails(fault, wait_s)
    if kind == "limit":
        rate = problems.tried(value, rate_of, None)
        return None if rate is None else Allows(rate)
    if kind == "answers":
        if text_of(value) != "wrong":
            problems.tell(value, f"answers can be wrong, not {text_of(value)!r}")
        return Misleads()
    return _delay(value, told.get("ramp"), problems)


def _delay(node: Any, ramp: Any, problems: Problems) -> Slows | Takes | None:
    if node.id == "scalar" and node.value.startswith("x"):
        factor = problems.tried(node, factor_of, None)
        ramp_s = problems.tried(ramp, seconds_of, 0.0)
        return None if factor is None else Slows(factor, ramp_s)
    if ramp is not None:
        problems.tell(ramp, "ramp goes with a factor, such as latency: x10")
    latency = _latency(node, problems)
    return None if latency is None else Takes(latency)


def _latency(node: Any, problems: Problems) -> Latency | LongTail | None:
    if node.id == "scalar":
        return problems.tried(node, lambda text: latency_of(seconds_of(text)), None)
    told = fields(node, ("p50", "p95"), "a latency", problems)
    if told.keys() != {"p50", "p95"}:
        problems.tell(node, "a latency is a time, or has p50 and p95")
        return None
    p50, p95 = (problems.tried(told[key], seconds_of, 1.0) for key in ("p50", "p95"))
    try:
        return latency_of(p50, p95)
    except ValueError as error:
        problems.tell(node, str(error))
        return None


def _standing_latency(node: Any, problems: Problems) -> dict[Vendor, Latency | LongTail]:
    found: dict[Vendor, Latency | LongTail] = {}
    if node is None:
        return found
    if node.id != "mapping":
        problems.tell(node, "latency has a line for each vendor here")
        return found
    for key, value in node.value:
        target = problems.tried(key, target_named, None)
        if target is not None and target.name is not None:
            problems.tell(key, "the day's latency is a vendor's; an event may slow one endpoint")
        latency = _latency(value, problems)
        if target is not None and latency is not None:
            for vendor in Vendor if target.vendor is None else [target.vendor]:
                found[vendor] = latency
    return found


def _who(node: Any, problems: Problems) -> tuple[Target, ...]:
    if node is None:
        return (Target(),)
    nodes = node.value if node.id == "sequence" else [node]
    if not nodes:
        problems.tell(node, "who names a vendor, an endpoint or all")
    return tuple(problems.tried(one, target_named, Target()) for one in nodes)


def _check_places(
    entries: list[tuple[Entry, Any]],
    endpoints: tuple[Endpoint, ...],
    top: Mapping[str, Any],
    problems: Problems,
) -> None:
    places = [endpoint.place for endpoint in endpoints]
    for place in places:
        if place.name == USUAL:
            problems.tell(top["endpoints"], f"{place} is there without being named")
    if len(set(places)) != len(places):
        problems.tell(top["endpoints"], "an endpoint is there twice")
    known = {*places, *(Place(vendor) for vendor in Vendor)}
    for entry, node in entries:
        for target in entry.who:
            if not any(target.covers(place) for place in known):
                problems.tell(node, f"no endpoint {target}; the file's endpoints have to list it")


def _share(text: str) -> float:
    share = number_of(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    if not 0 < share <= 1:
        raise ValueError(f"a share is over 0 and at most 1, or in per cent, not {text}")
    return share


def _speed(text: str) -> float:
    speed = number_of(text)
    if not 0 < speed <= _FASTEST:
        raise ValueError(f"a day's speed is over 0 and at most {_FASTEST:g}, not {text}")
    return speed
