"""What processes tell each other, as bytes and back. Pure.

A message is a JSON array: the form's version, its sender, its kind and its content. Observations are
arrays of their fields in a fixed order, some 150 bytes each: every process hears of every request.
Whoever else may write into the channel, nothing is believed that is not exactly of this form.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from gateway.rollout.audit import canonical
from gateway.rollout.bus import ToldHarm
from gateway.rollout.commands import Close, RollBack
from gateway.rollout.observation import Label, Observation
from gateway.rollout.state import RolloutState
from gateway.rollout.state_codec import state_document, state_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM = 1
"""The version of all that is written here."""

LARGEST = 4 << 20
"""Bytes of a message that are looked at: 500 observations have a fiftieth of it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class UnreadableMessageError(ValueError):
    """Bytes that are none of our messages, or of a form this program does not know."""


@dataclass(frozen=True, slots=True)
class Hello:
    """Somebody came, perhaps after an absence: who knows of harm says it again."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Requests that ended and labels that came, in one process."""

    observations: tuple[Observation, ...]
    labels: tuple[Label, ...] = ()


Message = RolloutState | ToldHarm | Seen | Hello


def written(sender: str, message: Message) -> bytes:
    """The message of ``sender`` as bytes."""
    match message:
        case RolloutState():
            return _text([FORM, sender, "state", state_document(message)])
        case ToldHarm():
            return _text([FORM, sender, "harm", _harm_fields(message)])
        case Seen():
            seen = [_observation_fields(o) for o in message.observations]
            labels = [_label_fields(label) for label in message.labels]
            return _quick([FORM, sender, "seen", seen, labels])
        case Hello():
            return _text([FORM, sender, "hello"])


def read(data: bytes) -> tuple[str, Message]:
    """Who tells what.

    Raises:
        UnreadableMessageError: Nothing that can be believed.
    """
    if len(data) > LARGEST:
        raise UnreadableMessageError("too large")
    try:
        return _read(_parsed(data))
    except UnreadableMessageError:
        raise
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise UnreadableMessageError(type(error).__name__) from error


def state_text(state: RolloutState) -> bytes:
    """A state alone, as it is kept for those who come later."""
    return canonical(state_document(state)).encode("ascii")


def state_read(data: bytes) -> RolloutState:
    """What `state_text` wrote. Raises `UnreadableMessageError`."""
    try:
        return state_of(_mapping(json.loads(data)))
    except (ValueError, RecursionError) as error:
        raise UnreadableMessageError(type(error).__name__) from error


def _read(told: object) -> tuple[str, Message]:
    match told:
        case [int(form), *_] if form != FORM:
            raise UnreadableMessageError(f"told in form {form}, known is form {FORM}")
        case [int(), str(sender), "state", state]:
            return sender, state_of(_mapping(state))
        case [int(), str(sender), "harm", harm]:
            return sender, _harm(_mapping(harm))
        case [int(), str(sender), "seen", list(seen), list(labels)]:
            return sender, Seen(tuple(map(_observation, seen)), tuple(map(_label, labels)))
        case [int(), str(sender), "hello"]:
            return sender, Hello()
        case _:
            raise UnreadableMessageError("none of our messages")


def _harm_fields(harm: ToldHarm) -> dict[str, object]:
    return {
        "arm": harm.command.arm if isinstance(harm.command, Close) else None,
        "by": harm.command.by,
        "reason": harm.command.reason,
        "figures": harm.command.figures,
        "at": _moment_number(harm.at),
        "nonce": harm.nonce,
        "on_version": harm.on_version,
    }


def _harm(told: Mapping[str, Any]) -> ToldHarm:
    by, figures = _word(told["by"]), dict(_mapping(told["figures"]))
    reason = None if told["reason"] is None else _word(told["reason"])
    command: Close | RollBack
    if told["arm"] is None:
        command = RollBack(by=by, reason=reason, figures=figures)
    else:
        command = Close(by=by, reason=reason, figures=figures, arm=_word(told["arm"]))
    nonce, version = _word(told["nonce"]), _whole(told["on_version"])
    if not nonce or version < 0:
        raise UnreadableMessageError("harm without a nonce or on no version")
    return ToldHarm(command, _moment(told["at"]), nonce, version)


def _observation_fields(seen: Observation) -> list[object]:
    return [
        seen.request_id,
        _moment_number(seen.at),
        seen.arm,
        seen.share,
        seen.measured | seen.error << 1 | seen.all_down << 2 | seen.alive << 3,
        seen.latency_ms,
        seen.cost_usd,
        seen.confidence,
        seen.caller,
    ]


def _observation(told: object) -> Observation:
    match told:
        case [str(request_id), at, str(arm), share, int(flags), latency, cost, confidence, caller]:
            return Observation(
                request_id=request_id,
                at=_moment(at),
                arm=arm,
                share=_number(share, 1.0),
                measured=bool(flags & 1),
                error=bool(flags & 2),
                all_down=bool(flags & 4),
                alive=bool(flags & 8),
                latency_ms=_number(latency),
                cost_usd=None if cost is None else _number(cost),
                confidence=None if confidence is None else _number(confidence, 1.0),
                caller=None if caller is None else _word(caller),
            )
        case _:
            raise UnreadableMessageError("no observation")


def _label_fields(label: Label) -> list[object]:
    return [label.request_id, label.arm, _moment_number(label.at), label.correct, label.caller]


def _label(told: object) -> Label:
    match told:
        case [str(request_id), str(arm), at, bool(correct), caller]:
            who = None if caller is None else _word(caller)
            return Label(request_id, arm, _moment(at), correct, who)
        case _:
            raise UnreadableMessageError("no label")


def _text(value: list[object]) -> bytes:
    return canonical(value).encode("ascii")


def _quick(value: list[object]) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        return _text(value)  # half a character in an id: orjson has no word for it, JSON has


def _parsed(data: bytes) -> object:
    try:
        told = orjson.loads(data)
        if isinstance(told, list) and "seen" in told[:3]:
            return told
    except orjson.JSONDecodeError:
        pass  # as above
    # Rare messages are read exactly: orjson makes a float of a whole number beyond 64 bits.
    return json.loads(data)


def _moment_number(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def _moment(value: object) -> datetime:
    return _EPOCH + _whole(value) * _MICROSECOND


def _number(value: object, most: float = math.inf) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise UnreadableMessageError("no number")
    if not (math.isfinite(value) and 0 <= value <= most):
        raise UnreadableMessageError("a number out of its range")
    return float(value)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnreadableMessageError("no whole number")
    return value


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise UnreadableMessageError("no text")
    return value


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableMessageError("no object")
    return value
