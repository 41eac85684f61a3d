"""OpenAI's chat completion requests: what the vendor takes, and how it refuses the rest.

Messages follow the errors that its users report: an unknown argument is ``Unrecognized request
argument supplied``, and reasoning models refuse ``max_tokens``, and every temperature but 1 while
they reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.simulator.limits import limits_of, tokens_over
from providers.simulator.openai_errors import refuse, refuse_parameter, refuse_type
from providers.simulator.openai_features import effort_of, json_of, stops_of, thinks_for
from providers.simulator.openai_messages import turns_of
from providers.simulator.openai_models import model_named
from providers.simulator.openai_tools import choice_of, tools_of
from providers.simulator.vendors import Ask
from providers.simulator.wire import is_count, is_number, loads

if TYPE_CHECKING:
    from providers.simulator.openai_models import Model
    from providers.simulator.vendors import Turn
    from providers.simulator.wire import Head, Json

_KNOWN = frozenset({
    "model", "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "n", "stream",
    "stream_options", "stop", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs",
    "top_logprobs", "user", "seed", "response_format", "reasoning_effort", "verbosity", "store",
    "metadata", "service_tier", "tools", "tool_choice", "parallel_tool_calls", "safety_identifier",
    "prompt_cache_key", "prompt_cache_retention", "modalities", "prediction",
})  # fmt: skip
#: Refused by reasoning models (platform.openai.com/docs/guides/reasoning, "limitations").
_NOT_WHEN_REASONING = ("logprobs", "top_logprobs", "logit_bias")
_SAMPLING = {"temperature": 1, "top_p": 1}
_PENALTIES = {"presence_penalty": 0, "frequency_penalty": 0}
_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
}


def read_request(head: Head, body: bytes) -> Ask:
    """Validate as OpenAI does, in its order: key, JSON, arguments, model, values.

    Raises:
        RefusedRequestError: with OpenAI's error.
    """
    _check_key(head)
    data = _object(body)
    model = data.get("model")
    if not isinstance(model, str) or not model:
        refuse("you must provide a model parameter")
    for name in data:
        if name not in _KNOWN:
            refuse(f"Unrecognized request argument supplied: {name}")
    known = model_named(model)
    if known is None:
        refuse(
            f"The model `{model}` does not exist or you do not have access to it.",
            code="model_not_found",
            status=404,
        )
    turns = turns_of(data, known)
    _check_numbers(data)
    _check_values(data)
    tools = tools_of(data)
    effort = effort_of(data, model, known, tools)
    if known.reasons:
        _check_reasoning(data, known, effort)
    choice = choice_of(data, tools)
    json = json_of(data, turns, known)
    stops = stops_of(data, known)
    options = data.get("stream_options") or {}
    limit = data.get("max_completion_tokens") or data.get("max_tokens")
    _check_limits(model, turns, data)
    return Ask(
        model=model, turns=turns, max_tokens=limit, stream=bool(data.get("stream")),
        stream_usage=bool(options.get("include_usage")), cache_step=128,
        reasons=known.reasons and thinks_for(effort) > 0, effort=thinks_for(effort),
        tools=tools, choice=choice, parallel=data.get("parallel_tool_calls") is not False,
        json=json, stop=stops,
    )  # fmt: skip


def _check_key(head: Head) -> None:
    scheme, _, key = head.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        refuse(
            "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
            status=401,
        )
    if key.strip().startswith("invalid"):
        refuse(
            "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.",
            code="invalid_api_key",
            status=401,
        )


def _object(body: bytes) -> Json:
    try:
        data = loads(body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        refuse(
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)"
        )
    return data


def _check_numbers(data: Json) -> None:
    for name, (low, high) in _RANGES.items():
        value = data.get(name)
        if value is None:
            continue
        if not is_number(value):
            refuse(
                f"Invalid type for '{name}': expected a decimal, but got something else instead.",
                param=name,
                code="invalid_type",
            )
        if value < low:
            refuse(
                f"Invalid '{name}': decimal below minimum value. Expected a value >= {low}, but got {value} instead.",
                param=name,
                code="decimal_below_min_value",
            )
        if value > high:
            refuse(
                f"Invalid '{name}': decimal above maximum value. Expected a value <= {high}, but got {value} instead.",
                param=name,
                code="decimal_above_max_value",
            )
    seed = data.get("seed")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        refuse_type("seed", "an integer")
    for name in ("max_tokens", "max_completion_tokens"):
        value = data.get(name)
        if value is not None and not is_count(value):
            refuse(
                f"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {value} instead.",
                param=name,
                code="integer_below_min_value",
            )


def _check_values(data: Json) -> None:
    if data.get("max_tokens") and data.get("max_completion_tokens"):
        refuse(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        )
    if data.get("n") not in (None, 1):
        refuse(
            "Invalid 'n': integer above maximum value. Expected a value <= 1, but got a larger one instead.",
            param="n",
            code="integer_above_max_value",
        )
    if not isinstance(data.get("stream"), bool | None):
        refuse(
            "Invalid type for 'stream': expected a boolean.", param="stream", code="invalid_type"
        )
    if data.get("stream_options") is not None and not data.get("stream"):
        refuse(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    if not isinstance(data.get("stream_options"), dict | None):
        refuse(
            "Invalid type for 'stream_options': expected an object.",
            param="stream_options",
            code="invalid_type",
        )


def _check_limits(model: str, turns: tuple[Turn, ...], data: Json) -> None:
    limits = limits_of(model)
    for name in ("max_tokens", "max_completion_tokens"):
        value = data.get(name)
        if limits is not None and value is not None and value > limits.output:
            refuse(
                f"{name} is too large: {value}. This model supports at most {limits.output} completion tokens, whereas you provided {value}.",
                param=name,
                code="invalid_value",
            )
    tokens = tokens_over(turns, limits)
    if limits is not None and tokens is not None:
        refuse(
            f"This model's maximum context length is {limits.input} tokens. However, your messages resulted in {tokens} tokens. Please reduce the length of the messages.",
            param="messages",
            code="context_length_exceeded",
        )


def _check_reasoning(data: Json, model: Model, effort: str) -> None:
    if data.get("max_tokens") is not None:
        refuse(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        )
    resting = effort == "none"
    for name in _NOT_WHEN_REASONING:
        if data.get(name) is not None and not (resting and name != "logit_bias"):
            refuse_parameter(name)
    if data.get("stop") is not None and not resting and "none" in model.efforts:
        refuse_parameter("stop")
    if data.get("parallel_tool_calls") is not None and not model.takes_parallel:
        refuse_parameter("parallel_tool_calls")
    defaults = _PENALTIES if resting else _SAMPLING | _PENALTIES
    for name, default in defaults.items():
        value = data.get(name)
        if value is not None and value != default:
            refuse(
                f"Unsupported value: '{name}' does not support {value} with this model. Only the default ({default}) value is supported.",
                param=name,
                code="unsupported_value",
            )
