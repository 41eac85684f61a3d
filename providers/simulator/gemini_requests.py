"""Gemini's generateContent requests: what the vendor takes, and how it refuses the rest.

Protobuf's JSON: both ``systemInstruction`` and ``system_instruction`` are read, and unknown names
are refused. Google answers a missing key with 403, not 401, and a wrong one with 400.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

from providers.simulator.limits import limits_of, tokens_over
from providers.simulator.vendors import Ask, Turn
from providers.simulator.wire import RefusedRequestError, is_count, is_number, loads

if TYPE_CHECKING:
    from providers.simulator.wire import Head, Json

_MODEL = re.compile(r"(gemini|gemma)-[\w.\-]+")
_REASONING = re.compile(r"gemini-(2\.5-(pro|flash(?!-lite))|[3-9])")
_ALWAYS_THINKS = re.compile(r"gemini-(2\.5-pro|[3-9].*pro)")
_KNOWN = frozenset({
    "contents", "systemInstruction", "generationConfig", "safetySettings", "tools", "toolConfig",
    "cachedContent", "model",
})  # fmt: skip
_CONFIG = frozenset({
    "temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "candidateCount", "seed",
    "responseMimeType", "responseSchema", "responseJsonSchema", "presencePenalty", "frequencyPenalty",
    "responseLogprobs", "logprobs", "thinkingConfig", "responseModalities", "mediaResolution",
})  # fmt: skip
_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
           429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}  # fmt: skip


def read_request(head: Head, body: bytes) -> Ask:
    """Validate as Google does: key, JSON and names, model, values.

    Raises:
        RefusedRequestError: with Google's error.
    """
    _check_key(head)
    data = _object(body)
    model = head.model
    if not _MODEL.fullmatch(model):
        _refuse(
            f"models/{model} is not found for API version v1beta, or is not supported for {head.action}. Call ListModels to see the list of available models and their supported methods.",
            status=404,
        )
    config = data.get("generationConfig") or {}
    _check_config(config)
    thinking = config.get("thinkingConfig") or {}
    budget = thinking.get("thinkingBudget")
    if budget == 0 and _ALWAYS_THINKS.match(model):
        _refuse("Budget 0 is invalid. This model only works in thinking mode.")
    system = data.get("systemInstruction")
    instruction = (Turn("system", _text(system, "system_instruction")),) if system else ()
    turns = (*instruction, *_contents(data.get("contents")))
    _check_limits(model, turns, config.get("maxOutputTokens"))
    return Ask(
        model=model, turns=turns,
        max_tokens=config.get("maxOutputTokens"),
        stream=head.action == "streamGenerateContent",
        # Without alt=sse Google streams one JSON array; `stream_usage` has no meaning here.
        stream_usage=head.query.get("alt") == "sse",
        reasons=_REASONING.match(model) is not None and budget != 0,
        shows_thinking=bool(thinking.get("includeThoughts")),
        cache_floor=4096 if "pro" in model else 1024,
    )  # fmt: skip


def error_body(status: int, message: str) -> Json:
    """An error in Google's shape."""
    return {"error": {"code": status, "message": message, "status": _STATUS[status]}}


def _refuse(
    message: str, *, status: int = 400, field: str | None = None, reason: str | None = None
) -> NoReturn:
    body = error_body(status, message)
    if field is not None:
        violation = {"field": field, "description": message}
        body["error"]["details"] = [
            {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
        ]
    if reason is not None:
        body["error"]["details"] = [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": reason,
                "domain": "googleapis.com",
            }
        ]
    raise RefusedRequestError(status, body)


def _check_key(head: Head) -> None:
    key = head.headers.get("x-goog-api-key") or head.query.get("key")
    if not key:
        _refuse(
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
            status=403,
        )
    if key.startswith("invalid"):
        _refuse("API key not valid. Please pass a valid API key.", reason="API_KEY_INVALID")


def _object(body: bytes) -> Json:
    try:
        data = loads(body)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        _refuse("Invalid JSON payload received. Unexpected token.", field="")
    data = _camel(data, "", _KNOWN)
    if isinstance(data.get("generationConfig"), dict):
        data["generationConfig"] = _camel(data["generationConfig"], "generation_config", _CONFIG)
        thinking = data["generationConfig"].get("thinkingConfig")
        if isinstance(thinking, dict):
            known = frozenset({"thinkingBudget", "includeThoughts", "thinkingLevel"})
            data["generationConfig"]["thinkingConfig"] = _camel(
                thinking, "generation_config.thinking_config", known
            )
    return data


def _camel(data: Json, at: str, known: frozenset[str]) -> Json:
    """The object with protobuf's JSON names; refuses a name that the message lacks."""
    found: Json = {}
    for name, value in data.items():
        camel = re.sub(r"_([a-z])", lambda m: m.group(1).upper(), name)
        if camel not in known:
            where = f" at '{at}'" if at else ""
            _refuse(
                f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.',
                field=at,
            )
        found[camel] = value
    return found


def _check_config(config: Any) -> None:
    if not isinstance(config, dict):
        _refuse(
            "Invalid value at 'generation_config' (type.googleapis.com/google.ai.generativelanguage.v1beta.GenerationConfig)",
            field="generation_config",
        )
    for name, label, high in (("temperature", "temperature", 2), ("topP", "top_p", 1)):
        value = config.get(name)
        if value is None:
            continue
        if not is_number(value):
            _refuse(
                f"Invalid value at 'generation_config.{label}' (TYPE_FLOAT)",
                field=f"generation_config.{label}",
            )
        if not 0 <= value <= high:
            _refuse(
                f"* GenerateContentRequest.generation_config.{label}: {label} must be in the range [0.0, {high}.0].\n"
            )
    limit = config.get("maxOutputTokens")
    if limit is not None and not is_count(limit):
        _refuse(
            "* GenerateContentRequest.generation_config.max_output_tokens: max_output_tokens must be positive.\n"
        )
    if config.get("candidateCount") not in (None, 1):
        _refuse(
            "* GenerateContentRequest.generation_config.candidate_count: Only one candidate can be specified in the current model.\n"
        )
    if not isinstance(config.get("thinkingConfig"), dict | None):
        _refuse(
            "Invalid value at 'generation_config.thinking_config'",
            field="generation_config.thinking_config",
        )


def _check_limits(model: str, turns: tuple[Turn, ...], max_output_tokens: int | None) -> None:
    limits = limits_of(model)
    if limits is None:
        return
    if max_output_tokens is not None and max_output_tokens > limits.output:
        _refuse(
            f"Unable to submit request because it has a maxOutputTokens value of {max_output_tokens} but the supported range is from 1 (inclusive) to {limits.output + 1} (exclusive). Update the value and try again."
        )
    tokens = tokens_over(turns, limits)
    if tokens is not None:
        _refuse(
            f"The input token count ({tokens}) exceeds the maximum number of tokens allowed ({limits.input})."
        )


def _contents(contents: Any) -> list[Turn]:
    if not contents or not isinstance(contents, list):
        _refuse("* GenerateContentRequest.contents: contents is not specified\n")
    turns = []
    for index, content in enumerate(contents):
        role = content.get("role", "user") if isinstance(content, dict) else None
        if not isinstance(role, str) or role not in {"user", "model", "function"}:
            _refuse("Please use a valid role: user, model.")
        turns.append(
            Turn("self" if role == "model" else "user", _text(content, f"contents[{index}]"))
        )
    return turns


def _text(content: Any, at: str) -> str:
    parts = content.get("parts") if isinstance(content, dict) else None
    if not isinstance(parts, list | dict):
        _refuse(f"* GenerateContentRequest.{at}.parts: contents.parts must not be empty.\n")
    texts = [
        p.get("text")
        for p in (parts if isinstance(parts, list) else [parts])
        if isinstance(p, dict)
    ]
    if not texts or not all(isinstance(t, str) for t in texts):
        _refuse(f"* GenerateContentRequest.{at}.parts: contents.parts must not be empty.\n")
    return "\n".join(str(t) for t in texts)
