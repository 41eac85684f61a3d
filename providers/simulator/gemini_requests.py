"""Gemini's generateContent requests: what the vendor takes, and how it refuses the rest.

Protobuf's JSON: both ``systemInstruction`` and ``system_instruction`` are read, and unknown names
are refused. Google answers a missing key with 403, not 401, and a wrong one with 400.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.simulator.gemini_contents import text_of, turns_of
from providers.simulator.gemini_errors import camel, refuse
from providers.simulator.gemini_features import (
    check_config,
    choice_of,
    json_of,
    stops_of,
    thinking_of,
    tools_of,
)
from providers.simulator.gemini_models import model_named
from providers.simulator.limits import limits_of, tokens_over
from providers.simulator.vendors import Ask, Turn
from providers.simulator.wire import loads

if TYPE_CHECKING:
    from providers.simulator.wire import Head, Json

_KNOWN = frozenset({
    "contents", "systemInstruction", "generationConfig", "safetySettings", "tools", "toolConfig",
    "cachedContent", "model",
})  # fmt: skip
_CONFIG = frozenset({
    "temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "candidateCount", "seed",
    "responseMimeType", "responseSchema", "responseJsonSchema", "presencePenalty", "frequencyPenalty",
    "responseLogprobs", "logprobs", "thinkingConfig", "responseModalities", "mediaResolution",
})  # fmt: skip
_THINKING = frozenset({"thinkingBudget", "includeThoughts", "thinkingLevel"})


def read_request(head: Head, body: bytes) -> Ask:
    """Validate as Google does: key, JSON and names, model, values.

    Raises:
        RefusedRequestError: with Google's error.
    """
    _check_key(head)
    data = _object(body)
    name = head.model
    model = model_named(name)
    if model is None:
        refuse(
            f"models/{name} is not found for API version v1beta, or is not supported for {head.action}. Call ListModels to see the list of available models and their supported methods.",
            status=404,
        )
    config = data.get("generationConfig") or {}
    check_config(config, name, model)
    thinks, effort = thinking_of(config, model)
    tools = tools_of(data)
    choice = choice_of(data, tools)
    json, stops = json_of(config, tools, model), stops_of(config)
    system = data.get("systemInstruction")
    instruction = (Turn("system", text_of(system, "system_instruction")),) if system else ()
    turns = (*instruction, *turns_of(data.get("contents"), model))
    _check_limits(name, turns, config.get("maxOutputTokens"))
    return Ask(
        model=name, turns=turns,
        max_tokens=config.get("maxOutputTokens"),
        stream=head.action == "streamGenerateContent",
        # Without alt=sse Google streams one JSON array; `stream_usage` has no meaning here.
        stream_usage=head.query.get("alt") == "sse",
        reasons=thinks, effort=effort,
        shows_thinking=bool((config.get("thinkingConfig") or {}).get("includeThoughts")),
        cache_floor=4096 if "pro" in name else 1024,
        tools=tools, choice=choice, json=json, stop=stops,
    )  # fmt: skip


def _check_key(head: Head) -> None:
    key = head.headers.get("x-goog-api-key") or head.query.get("key")
    if not key:
        refuse(
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
            status=403,
        )
    if key.startswith("invalid"):
        refuse("API key not valid. Please pass a valid API key.", reason="API_KEY_INVALID")


def _object(body: bytes) -> Json:
    try:
        data = loads(body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        refuse("Invalid JSON payload received. Unexpected token.", field="")
    data = camel(data, "", _KNOWN)
    if isinstance(data.get("generationConfig"), dict):
        data["generationConfig"] = camel(data["generationConfig"], "generation_config", _CONFIG)
        thinking = data["generationConfig"].get("thinkingConfig")
        if isinstance(thinking, dict):
            data["generationConfig"]["thinkingConfig"] = camel(
                thinking, "generation_config.thinking_config", _THINKING
            )
    return data


def _check_limits(model: str, turns: tuple[Turn, ...], max_output_tokens: int | None) -> None:
    limits = limits_of(model)
    if limits is None:
        return
    if max_output_tokens is not None and max_output_tokens > limits.output:
        refuse(
            f"Unable to submit request because it has a maxOutputTokens value of {max_output_tokens} but the supported range is from 1 (inclusive) to {limits.output + 1} (exclusive). Update the value and try again."
        )
    tokens = tokens_over(turns, limits)
    if tokens is not None:
        refuse(
            f"The input token count ({tokens}) exceeds the maximum number of tokens allowed ({limits.input})."
        )
