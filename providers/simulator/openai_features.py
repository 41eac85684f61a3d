"""Formats, stop sequences and efforts of OpenAI's requests, and how it refuses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.simulator.openai_errors import (
    a_text,
    an_object,
    listed,
    refuse,
    refuse_parameter,
    refuse_type,
    refuse_value,
)
from providers.simulator.openai_messages import texts_of
from providers.simulator.openai_schemas import check_name, check_schema
from providers.simulator.vendors import JsonShape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from providers.simulator.openai_models import Model
    from providers.simulator.vendors import Tool, Turn
    from providers.simulator.wire import Json

_MAX_STOPS = 4
_FORMATS = ("text", "json_object", "json_schema")
#: How much longer or shorter than at "medium" a model thinks.
_LENGTHS = {"none": 0.0, "minimal": 0.0, "low": 0.5, "medium": 1.0, "high": 2.0, "xhigh": 4.0}


def json_of(data: Json, turns: Sequence[Turn], model: Model) -> JsonShape | None:
    """``response_format``; None for plain text."""
    wanted = data.get("response_format")
    if wanted is None:
        return None
    if not isinstance(wanted, dict):
        refuse_type("response_format", "an object")
    kind = wanted.get("type")
    if kind not in _FORMATS:
        refuse_value("response_format.type", kind, _FORMATS)
    if kind == "text":
        return None
    if kind == "json_object":
        if "json" not in texts_of(turns).casefold():
            refuse(
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
                param="messages",
            )
        return JsonShape()
    return _schema_of(wanted, model)


def _schema_of(wanted: Json, model: Model) -> JsonShape:
    at = "response_format.json_schema"
    described = an_object(wanted, "json_schema", at)
    name = a_text(described, "name", f"{at}.name")
    check_name(name, f"{at}.name")
    if not model.has_schemas:
        refuse(
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. Learn more about supported models at the Structured Outputs guide: https://platform.openai.com/docs/guides/structured-outputs",
            param="response_format",
        )
    schema = described.get("schema", {})
    if not isinstance(schema, dict):
        refuse_type(f"{at}.schema", "an object")
    strict = bool(described.get("strict"))
    check_schema(schema, f"response_format '{name}'", "response_format", strict=strict)
    return JsonShape(schema)


def stops_of(data: Json, model: Model) -> tuple[str, ...]:
    """``stop``, one text or up to four."""
    stop = data.get("stop")
    if stop is None:
        return ()
    if not model.takes_stop:
        refuse_parameter("stop")
    stops = [stop] if isinstance(stop, str) else stop
    if not isinstance(stops, list) or not all(isinstance(one, str) for one in stops):
        refuse_type("stop", "one of a string or an array of strings")
    if len(stops) > _MAX_STOPS:
        refuse(
            f"Invalid 'stop': array too long. Expected an array with maximum length {_MAX_STOPS}, but got an array with length {len(stops)} instead.",
            param="stop",
            code="array_above_max_length",
        )
    return tuple(stops)


def effort_of(data: Json, name: str, model: Model, tools: Sequence[Tool]) -> str:
    """The effort in force: the one asked for, or the model's own."""
    effort = data.get("reasoning_effort")
    if effort is not None:
        if not model.reasons:
            refuse("Unrecognized request argument supplied: reasoning_effort")
        if not isinstance(effort, str) or effort not in _LENGTHS:
            refuse_value("reasoning_effort", effort, _LENGTHS)
        if effort not in model.efforts:
            refuse(
                f"Unsupported value: 'reasoning_effort' does not support '{effort}' with this model. Supported values are: {listed(model.efforts)}.",
                param="reasoning_effort",
                code="unsupported_value",
            )
    effort = effort or model.effort
    if tools and not model.tools_while_reasoning and effort != "none":
        refuse(
            f"Function tools with reasoning_effort are not supported for {name} in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.",
            param="reasoning_effort",
        )
    return effort


def thinks_for(effort: str) -> float:
    """How long a model thinks at this effort, 1 being ``medium``."""
    return _LENGTHS[effort]
