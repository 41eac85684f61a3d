"""OpenAI's chat completion requests: what the vendor takes, and how it refuses the rest.

Messages follow the errors that its users report: an unknown argument is ``Unrecognized request
argument supplied``, and reasoning models refuse ``max_tokens`` and every temperature but 1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

from providers.simulator.limits import limits_of, tokens_over
from providers.simulator.vendors import Ask, Turn
from providers.simulator.wire import RefusedRequestError, is_count, is_number, loads

if TYPE_CHECKING:
    from providers.simulator.wire import Head, Json

_MODEL = re.compile(r"(gpt-|o\d|chatgpt-)[\w.\-]*")
_REASONING = re.compile(r"(gpt-5|o\d)(?!.*chat)")
_ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "self",
    "tool": "user",
}
_KNOWN = frozenset({
    "model", "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "n", "stream",
    "stream_options", "stop", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs",
    "top_logprobs", "user", "seed", "response_format", "reasoning_effort", "verbosity", "store",
    "metadata", "service_tier", "tools", "tool_choice", "parallel_tool_calls", "safety_identifier",
    "prompt_cache_key", "prompt_cache_retention", "modalities", "prediction",
})  # fmt: skip
#: Refused by reasoning models (platform.openai.com/docs/guides/reasoning, "limitations").
_NOT_WHEN_REASONING = ("logprobs", "top_logprobs", "logit_bias", "stop")
_ONLY_DEFAULT_WHEN_REASONING = {
    "temperature": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
}
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
        _refuse("you must provide a model parameter")
    for name in data:
        if name not in _KNOWN:
            _refuse(f"Unrecognized request argument supplied: {name}")
    if not _MODEL.fullmatch(model):
        _refuse(
            f"The model `{model}` does not exist or you do not have access to it.",
            code="model_not_found",
            status=404,
        )
    turns = _turns(data)
    reasons = _REASONING.match(model) is not None
    _check_numbers(data)
    _check_values(data)
    if reasons:
        _check_reasoning(data)
    options = data.get("stream_options") or {}
    limit = data.get("max_completion_tokens") or data.get("max_tokens")
    _check_limits(model, turns, data)
    return Ask(
        model=model, turns=turns, max_tokens=limit, stream=bool(data.get("stream")),
        stream_usage=bool(options.get("include_usage")),
        reasons=reasons and data.get("reasoning_effort") not in ("minimal", "none"), cache_step=128,
    )  # fmt: skip


def error_body(
    message: str,
    *,
    kind: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
) -> Json:
    """An error in OpenAI's shape."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _refuse(
    message: str, *, param: str | None = None, code: str | None = None, status: int = 400
) -> NoReturn:
    raise RefusedRequestError(status, error_body(message, param=param, code=code))


def _check_key(head: Head) -> None:
    scheme, _, key = head.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        _refuse(
            "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
            status=401,
        )
    if key.strip().startswith("invalid"):
        _refuse(
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
        _refuse(
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)"
        )
    return data


def _turns(data: Json) -> tuple[Turn, ...]:
    messages = data.get("messages")
    if messages is None:
        _refuse(
            "Missing required parameter: 'messages'.",
            param="messages",
            code="missing_required_parameter",
        )
    if not isinstance(messages, list):
        _refuse(
            "Invalid type for 'messages': expected an array of objects, but got something else instead.",
            param="messages",
            code="invalid_type",
        )
    if not messages:
        _refuse(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            param="messages",
            code="empty_array",
        )
    return tuple(_turn(i, m) for i, m in enumerate(messages))


def _turn(index: int, message: Any) -> Turn:
    at = f"messages[{index}]"
    if not isinstance(message, dict):
        _refuse(f"Invalid type for '{at}': expected an object.", param=at, code="invalid_type")
    role = message.get("role")
    if role is None:
        _refuse(
            f"Missing required parameter: '{at}.role'.",
            param=f"{at}.role",
            code="missing_required_parameter",
        )
    if not isinstance(role, str) or role not in _ROLES:
        _refuse(
            f"Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.",
            param=f"{at}.role",
            code="invalid_value",
        )
    content = message.get("content")
    if isinstance(content, str):
        return Turn(_ROLES[role], content)  # type: ignore[arg-type]  # values of _ROLES are roles
    if isinstance(content, list) and all(
        isinstance(p, dict) and isinstance(p.get("text"), str) for p in content
    ):
        return Turn(_ROLES[role], "\n".join(p["text"] for p in content))  # type: ignore[arg-type]  # as above
    _refuse(
        f"Invalid value for 'content': expected a string, got {'null' if content is None else 'another type'}.",
        param=f"{at}.content",
    )


def _check_numbers(data: Json) -> None:
    for name, (low, high) in _RANGES.items():
        value = data.get(name)
        if value is None:
            continue
        if not is_number(value):
            _refuse(
                f"Invalid type for '{name}': expected a decimal, but got something else instead.",
                param=name,
                code="invalid_type",
            )
        if value < low:
            _refuse(
                f"Invalid '{name}': decimal below minimum value. Expected a value >= {low}, but got {value} instead.",
                param=name,
                code="decimal_below_min_value",
            )
        if value > high:
            _refuse(
                f"Invalid '{name}': decimal above maximum value. Expected a value <= {high}, but got {value} instead.",
                param=name,
                code="decimal_above_max_value",
            )
    for name in ("max_tokens", "max_completion_tokens"):
        value = data.get(name)
        if value is not None and not is_count(value):
            _refuse(
                f"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {value} instead.",
                param=name,
                code="integer_below_min_value",
            )


def _check_values(data: Json) -> None:
    if data.get("max_tokens") and data.get("max_completion_tokens"):
        _refuse(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        )
    if data.get("n") not in (None, 1):
        _refuse(
            "Invalid 'n': integer above maximum value. Expected a value <= 1, but got a larger one instead.",
            param="n",
            code="integer_above_max_value",
        )
    if not isinstance(data.get("stream"), bool | None):
        _refuse(
            "Invalid type for 'stream': expected a boolean.", param="stream", code="invalid_type"
        )
    if data.get("stream_options") is not None and not data.get("stream"):
        _refuse(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    if not isinstance(data.get("stream_options"), dict | None):
        _refuse(
            "Invalid type for 'stream_options': expected an object.",
            param="stream_options",
            code="invalid_type",
        )


def _check_limits(model: str, turns: tuple[Turn, ...], data: Json) -> None:
    limits = limits_of(model)
    for name in ("max_tokens", "max_completion_tokens"):
        value = data.get(name)
        if limits is not None and value is not None and value > limits.output:
            _refuse(
                f"{name} is too large: {value}. This model supports at most {limits.output} completion tokens, whereas you provided {value}.",
                param=name,
                code="invalid_value",
            )
    tokens = tokens_over(turns, limits)
    if limits is not None and tokens is not None:
        _refuse(
            f"This model's maximum context length is {limits.input} tokens. However, your messages resulted in {tokens} tokens. Please reduce the length of the messages.",
            param="messages",
            code="context_length_exceeded",
        )


def _check_reasoning(data: Json) -> None:
    if data.get("max_tokens") is not None:
        _refuse(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            param="max_tokens",
            code="unsupported_parameter",
        )
    for name in _NOT_WHEN_REASONING:
        if data.get(name) is not None:
            _refuse(
                f"Unsupported parameter: '{name}' is not supported with this model.",
                param=name,
                code="unsupported_parameter",
            )
    for name, default in _ONLY_DEFAULT_WHEN_REASONING.items():
        value = data.get(name)
        if value is not None and value != default:
            _refuse(
                f"Unsupported value: '{name}' does not support {value} with this model. Only the default ({default}) value is supported.",
                param=name,
                code="unsupported_value",
            )
