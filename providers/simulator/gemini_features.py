"""Sampling, thinking, formats, stop sequences and tools of Gemini's requests, and how it refuses them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from providers.simulator.gemini_errors import camel, refuse, refuse_value
from providers.simulator.vendors import Choice, JsonShape, Tool
from providers.simulator.wire import is_count, is_number

if TYPE_CHECKING:
    from providers.simulator.gemini_models import Model
    from providers.simulator.wire import Json

_CONFIG = "GenerateContentRequest.generation_config"
_RANGES = (
    ("temperature", "temperature", 0, 2),
    ("topP", "top_p", 0, 1),
    ("presencePenalty", "presence_penalty", -2, 2),
    ("frequencyPenalty", "frequency_penalty", -2, 2),
)
_INT32 = 2**31
_MAX_STOPS = 5
_LEVELS = {"minimal": 0.1, "low": 0.5, "medium": 1.0, "high": 2.0}
#: ``thinkingBudget`` at which a model thinks as long as at "medium".
_USUAL_BUDGET = 8192
_MIME_TYPES = ("text/plain", "application/json", "text/x.enum")
_FUNCTION_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:\-]{0,63}")
_MODES = {"AUTO": "auto", "ANY": "required", "NONE": "none", "VALIDATED": "auto"}
_TOOLS = frozenset({
    "functionDeclarations", "googleSearch", "googleSearchRetrieval", "codeExecution", "urlContext",
    "computerUse", "fileSearch", "googleMaps",
})  # fmt: skip
_FUNCTION = frozenset({
    "name", "description", "parameters", "parametersJsonSchema", "response", "responseJsonSchema",
    "behavior",
})  # fmt: skip
#: Fields of a ``Schema`` (ai.google.dev/api/caching#Schema): a part of OpenAPI 3.0.
_SCHEMA = frozenset({
    "type", "format", "title", "description", "nullable", "enum", "maxItems", "minItems", "properties",
    "required", "minProperties", "maxProperties", "minLength", "maxLength", "pattern", "example",
    "anyOf", "propertyOrdering", "default", "items", "minimum", "maximum",
})  # fmt: skip
_DEPTH = 64


def check_config(config: Any, name: str, model: Model) -> None:
    """The numbers of ``generationConfig``."""
    if not isinstance(config, dict):
        refuse_value(
            "generation_config",
            "type.googleapis.com/google.ai.generativelanguage.v1beta.GenerationConfig",
        )
    for key, label, low, high in _RANGES:
        value = config.get(key)
        if value is None:
            continue
        if not is_number(value):
            refuse_value(f"generation_config.{label}", "TYPE_FLOAT")
        if not low <= value <= high:
            refuse(f"* {_CONFIG}.{label}: {label} must be in the range [{low:.1f}, {high:.1f}].\n")
        if key.endswith("Penalty") and value and not model.penalties:
            refuse(f"Penalty is not enabled for models/{name}")
    limit = config.get("maxOutputTokens")
    if limit is not None and not is_count(limit):
        refuse(f"* {_CONFIG}.max_output_tokens: max_output_tokens must be positive.\n")
    if config.get("candidateCount") not in (None, 1):
        refuse(
            f"* {_CONFIG}.candidate_count: Only one candidate can be specified in the current model.\n"
        )
    seed = config.get("seed")
    whole = isinstance(seed, int) and not isinstance(seed, bool)
    if seed is not None and not (whole and -_INT32 <= seed < _INT32):
        refuse_value("generation_config.seed", "TYPE_INT32")


def stops_of(config: Json) -> tuple[str, ...]:
    """``stopSequences``."""
    stops = config.get("stopSequences")
    if stops is None:
        return ()
    if not isinstance(stops, list) or not all(isinstance(stop, str) for stop in stops):
        refuse_value("generation_config.stop_sequences", "TYPE_STRING")
    if len(stops) > _MAX_STOPS:
        refuse(f"* {_CONFIG}.stop_sequences: at most {_MAX_STOPS} stop sequences are allowed.\n")
    return tuple(stops)


def thinking_of(config: Json, model: Model) -> tuple[bool, float]:
    """Whether the model thinks, and how long, 1 being "medium"."""
    thinking = config.get("thinkingConfig")
    if thinking is None:
        return model.thinks, 1.0
    if not isinstance(thinking, dict):
        refuse_value("generation_config.thinking_config", "ThinkingConfig")
    level, budget = thinking.get("thinkingLevel"), thinking.get("thinkingBudget")
    if level is not None and budget is not None:
        refuse("You can only set only one of thinking budget and thinking level.")
    if level is not None:
        return True, _level(level, model)
    if budget is not None:
        return _budget(budget, model)
    return model.thinks, 1.0


def _level(level: Any, model: Model) -> float:
    word = level.lower() if isinstance(level, str) else ""
    if word not in _LEVELS:
        refuse_value("generation_config.thinking_config.thinking_level", f'"{level}"')
    if not model.levels:
        refuse("Thinking level is not supported for this model.")
    if word not in model.levels:
        refuse(
            f"Thinking level {word.upper()} is not supported for this model. Please retry with other thinking level."
        )
    return _LEVELS[word]


def _budget(budget: Any, model: Model) -> tuple[bool, float]:
    if not isinstance(budget, int) or isinstance(budget, bool):
        refuse_value("generation_config.thinking_config.thinking_budget", "TYPE_INT32")
    if model.budget is None:
        refuse("Thinking budget is not supported for this model.")
    if budget == 0 and not model.off:
        refuse("Budget 0 is invalid. This model only works in thinking mode.")
    if budget in (-1, 0):
        return budget != 0, 1.0
    least, most = model.budget
    if not least <= budget <= most:
        refuse(
            f"The thinking budget {budget} is invalid. Please choose a value between {least} and {most}."
        )
    return True, max(0.25, min(2.0, budget / _USUAL_BUDGET))


def json_of(config: Json, tools: tuple[Tool, ...], model: Model) -> JsonShape | None:
    """``responseMimeType`` with its schema; None for plain text."""
    kind = config.get("responseMimeType") or "text/plain"
    if kind not in _MIME_TYPES:
        allowed = ", ".join(f"`{word}`" for word in _MIME_TYPES)
        refuse(f"* {_CONFIG}.response_mime_type: allowed mimetypes are {allowed}.\n")
    schemas = [config[k] for k in ("responseSchema", "responseJsonSchema") if config.get(k)]
    if len(schemas) > 1:
        refuse(
            f"* {_CONFIG}.response_json_schema: only one of response_schema and response_json_schema can be set.\n"
        )
    if schemas and kind == "text/plain":
        refuse(
            f"* {_CONFIG}.response_schema: only allowed when response_mime_type is application/json.\n"
        )
    if schemas and not isinstance(schemas[0], dict):
        refuse_value("generation_config.response_schema", "Schema")
    if config.get("responseSchema"):
        _check_schema(config["responseSchema"], "generation_config.response_schema", 0)
    if kind != "application/json":
        return None
    if tools and not model.tools_and_json:
        refuse("Function calling with a response mime type: 'application/json' is unsupported")
    return JsonShape(schemas[0] if schemas else None)


def tools_of(data: Json) -> tuple[Tool, ...]:
    """``functionDeclarations`` of all ``tools``; the vendor's own tools are taken and never used."""
    offered = data.get("tools") or []
    if not isinstance(offered, list) or not all(isinstance(tool, dict) for tool in offered):
        refuse_value("tools", "Tool")
    tools: list[Tool] = []
    for index, tool in enumerate(offered):
        declared = camel(tool, f"tools[{index}]", _TOOLS).get("functionDeclarations") or []
        if not isinstance(declared, list) or not all(isinstance(one, dict) for one in declared):
            refuse_value(f"tools[{index}].function_declarations", "FunctionDeclaration")
        tools += [
            _function(one, f"tools[{index}].function_declarations[{at}]")
            for at, one in enumerate(declared)
        ]
    names = [tool.name for tool in tools]
    for name in names:
        if names.count(name) > 1:
            refuse(f"Duplicate function declaration found: {name}")
    return tuple(tools)


def _function(declared: Json, at: str) -> Tool:
    function = camel(declared, at, _FUNCTION)
    name = function.get("name")
    if not isinstance(name, str) or not _FUNCTION_NAME.fullmatch(name):
        refuse(
            f"* GenerateContentRequest.{at}.name: [FIELD_INVALID] Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.\n"
        )
    if not isinstance(function.get("description", ""), str):
        refuse_value(f"{at}.description", "TYPE_STRING")
    if function.get("parameters") and function.get("parametersJsonSchema"):
        refuse(
            f"* GenerateContentRequest.{at}: parameters and parameters_json_schema are mutually exclusive.\n"
        )
    if function.get("parameters"):
        _check_schema(function["parameters"], f"{at}.parameters", 0)
    schema = function.get("parameters") or function.get("parametersJsonSchema") or {}
    if not isinstance(schema, dict):
        refuse_value(f"{at}.parameters_json_schema", "Value")
    return Tool(name, function.get("description", ""), schema)


def _check_schema(schema: Any, at: str, depth: int) -> None:
    """A ``Schema`` knows a part of OpenAPI's words and no others, as ``additionalProperties``."""
    if not isinstance(schema, dict):
        refuse_value(at, "Schema")
    if depth > _DEPTH:
        refuse(
            f"* GenerateContentRequest.{at}: the schema exceeds the maximum allowed nesting depth.\n"
        )
    known = camel(schema, at, _SCHEMA)
    properties = known.get("properties") or {}
    if not isinstance(properties, dict):
        refuse_value(f"{at}.properties", "Schema")
    for name, inner in properties.items():
        _check_schema(inner, f"{at}.properties[{name}]", depth + 1)
    options = known.get("anyOf") or []
    for index, inner in enumerate(options if isinstance(options, list) else [options]):
        _check_schema(inner, f"{at}.any_of[{index}]", depth + 1)
    if known.get("items") is not None:
        _check_schema(known["items"], f"{at}.items", depth + 1)


def choice_of(data: Json, tools: tuple[Tool, ...]) -> Choice:
    """``toolConfig.functionCallingConfig``."""
    config = data.get("toolConfig")
    if config is None:
        return Choice()
    if not isinstance(config, dict):
        refuse_value("tool_config", "ToolConfig")
    known = frozenset(
        {"functionCallingConfig", "retrievalConfig", "includeServerSideToolInvocations"}
    )
    calling = camel(config, "tool_config", known).get("functionCallingConfig")
    if calling is None:
        return Choice()
    at = "tool_config.function_calling_config"
    if not isinstance(calling, dict):
        refuse_value(at, "FunctionCallingConfig")
    calling = camel(calling, at, frozenset({"mode", "allowedFunctionNames"}))
    mode, allowed = calling.get("mode", "AUTO"), calling.get("allowedFunctionNames")
    if not isinstance(mode, str) or mode.upper() not in _MODES:
        refuse_value(f"{at}.mode", f'"{mode}"')
    if not tools and mode.upper() != "NONE":
        refuse("Function calling config is set without function_declarations.")
    if allowed is None:
        return Choice(_MODES[mode.upper()])  # type: ignore[arg-type]  # the table's words are its modes
    return Choice(_MODES[mode.upper()], _allowed(allowed, mode.upper(), tools, at))  # type: ignore[arg-type]


def _allowed(allowed: Any, mode: str, tools: tuple[Tool, ...], at: str) -> tuple[str, ...]:
    if not isinstance(allowed, list) or not all(isinstance(name, str) for name in allowed):
        refuse_value(f"{at}.allowed_function_names", "TYPE_STRING")
    if mode not in ("ANY", "VALIDATED"):
        refuse(
            f"* GenerateContentRequest.{at}.allowed_function_names: only allowed when mode is ANY or VALIDATED.\n"
        )
    for name in allowed:
        if name not in {tool.name for tool in tools}:
            refuse(
                f"* GenerateContentRequest.{at}.allowed_function_names: {name} is not among the function_declarations.\n"
            )
    return tuple(allowed)
