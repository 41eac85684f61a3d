"""Thinking, sampling, formats, tools and stop sequences of Anthropic's requests, and how it refuses them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from providers.simulator.anthropic_errors import refuse
from providers.simulator.vendors import Choice, JsonShape, Tool
from providers.simulator.wire import is_number

if TYPE_CHECKING:
    from providers.simulator.anthropic_models import Model
    from providers.simulator.wire import Json

_MIN_THINKING = 1024
_THINKING = ("adaptive", "between_tools", "disabled", "enabled")
_CHOICES = {"auto": "auto", "any": "required", "tool": "required", "none": "none"}
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_EFFORTS = {"low": 0.5, "medium": 1.0, "high": 2.0, "xhigh": 4.0, "max": 6.0}
#: ``budget_tokens`` at which a model thinks as long as at "medium".
_USUAL_BUDGET = 8192
#: Keywords that grammars cannot hold (build-with-claude/structured-outputs, "JSON Schema limitations").
_UNHELD = frozenset({
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
    "maxItems", "uniqueItems", "contains", "prefixItems", "minProperties", "maxProperties",
    "patternProperties", "propertyNames", "if", "then", "else", "not", "oneOf",
})  # fmt: skip
_DEPTH = 64


def check_sampling(data: Json, model: Model, version: str) -> None:
    """``temperature``, ``top_p`` and ``top_k``: since 2026-10-21 there are none, not even at the default."""
    for name in ("temperature", "top_p", "top_k"):
        value = data.get(name)
        if name in data and version >= "2026-10-21":
            refuse(f"{name}: Extra inputs are not permitted")
        if value is None:
            continue
        if not is_number(value):
            refuse(f"{name}: Input should be a valid number")
        if value < 0 or (value > 1 and name != "top_k"):
            bound = "greater than or equal to 0" if value < 0 else "less than or equal to 1"
            refuse(f"{name}: Input should be {bound}")
        if not model.samples and (name == "top_k" or value != 1):
            refuse(f"`{name}` is deprecated for this model.")
    both = data.get("temperature") is not None and data.get("top_p") is not None
    if both and not model.samples_twice:
        refuse(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
        )


def thinking_of(data: Json, model: Model) -> tuple[bool, float]:
    """Whether the model thinks, and how long, 1 being "medium"."""
    effort = _effort(data, model)
    thinking = data.get("thinking")
    if thinking is None:
        return model.thinks, effort
    if not isinstance(thinking, dict) or thinking.get("type") not in _THINKING:
        tags = ", ".join(f"'{tag}'" for tag in _THINKING)
        refuse(f"thinking: Input tag found does not match any of the expected tags: {tags}")
    kind = thinking["type"]
    if kind not in model.thinking:
        refuse(
            f'"thinking.type.{kind}" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        )
    if kind in {"disabled", "between_tools"}:
        return False, effort
    _check_beside_thinking(data, kind)
    return True, _budget(data, thinking) if kind == "enabled" else effort


def _check_beside_thinking(data: Json, kind: str) -> None:
    if data.get("temperature") not in (None, 1):
        refuse("`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.")
    top_p = data.get("top_p")
    if top_p is not None and top_p < 0.95:  # noqa: PLR2004 - extended-thinking, "Feature compatibility"
        refuse("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.")
    choice = data.get("tool_choice")
    if kind == "enabled" and isinstance(choice, dict) and choice.get("type") in ("any", "tool"):
        refuse("Thinking may not be enabled when tool_choice forces tool use.")


def _budget(data: Json, thinking: Json) -> float:
    budget = thinking.get("budget_tokens")
    if not isinstance(budget, int) or isinstance(budget, bool) or budget < _MIN_THINKING:
        refuse("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
    if budget >= data["max_tokens"]:
        refuse("`max_tokens` must be greater than `thinking.budget_tokens`.")
    return max(0.25, min(4.0, budget / _USUAL_BUDGET))


def _effort(data: Json, model: Model) -> float:
    effort = _output_config(data).get("effort")
    if effort is None:
        return 1.0
    if not isinstance(effort, str) or effort not in _EFFORTS:
        refuse("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'")
    if not model.efforts:
        refuse("This model does not support the effort parameter.")
    if effort not in model.efforts:
        known = ", ".join(model.efforts)
        refuse(f"This model does not support effort level '{effort}'. Supported levels: {known}.")
    return _EFFORTS[effort]


def json_of(data: Json, model: Model) -> JsonShape | None:
    """``output_config.format``; None for plain text."""
    wanted = _output_config(data).get("format")
    if wanted is None:
        return None
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        refuse("output_config.format.type: Input should be 'json_schema'")
    schema = wanted.get("schema")
    if not isinstance(schema, dict):
        refuse("output_config.format.schema: Field required")
    if not model.grammars:
        refuse("This model does not support output_config.format.")
    _check_grammar(schema, "output_config.format.schema", 0)
    return JsonShape(schema)


def _output_config(data: Json) -> Json:
    config = data.get("output_config")
    if config is None:
        return {}
    if not isinstance(config, dict):
        refuse("output_config: Input should be a valid dictionary")
    for name in config:
        if name not in ("effort", "format", "task_budget"):
            refuse(f"output_config.{name}: Extra inputs are not permitted")
    return config


def _check_grammar(schema: Any, at: str, depth: int) -> None:
    if not isinstance(schema, dict):
        return
    if depth > _DEPTH:
        refuse(f"{at}: Schema is too complex")
    kind = schema.get("type", "object" if "properties" in schema else "any")
    for name in schema:
        if name in _UNHELD:
            refuse(f"{at}: For '{kind}' type, property '{name}' is not supported")
    if kind == "object" and schema.get("additionalProperties") is not False:
        refuse(f"{at}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    for key in ("properties", "$defs", "definitions"):
        inner = schema.get(key)
        for value in inner.values() if isinstance(inner, dict) else ():
            _check_grammar(value, at, depth + 1)
    for key in ("anyOf", "allOf"):
        options = schema.get(key)
        for value in options if isinstance(options, list) else ():
            _check_grammar(value, at, depth + 1)
    _check_grammar(schema.get("items"), at, depth + 1)


def stops_of(data: Json) -> tuple[str, ...]:
    """``stop_sequences``."""
    stops = data.get("stop_sequences")
    if stops is None:
        return ()
    if not isinstance(stops, list):
        refuse("stop_sequences: Input should be a valid list")
    for index, stop in enumerate(stops):
        if not isinstance(stop, str):
            refuse(f"stop_sequences.{index}: Input should be a valid string")
        if not stop.strip():
            refuse("stop_sequences: each stop sequence must contain non-whitespace")
    return tuple(stops)


def tools_of(data: Json, model: Model) -> tuple[Tool, ...]:
    """``tools``, those of the caller's own; the vendor's own are taken and never used."""
    offered = data.get("tools")
    if offered is None:
        return ()
    if not isinstance(offered, list):
        refuse("tools: Input should be a valid list")
    tools: list[Tool] = []
    for index, tool in enumerate(offered):
        if not isinstance(tool, dict):
            refuse(f"tools.{index}: Input should be a valid dictionary")
        if tool.get("type", "custom") == "custom":
            tools.append(_tool(tool, f"tools.{index}.custom", model))
    if len({tool.name for tool in tools}) != len(tools):
        refuse("tools: Tool names must be unique.")
    return tuple(tools)


def _tool(tool: Json, at: str, model: Model) -> Tool:
    name, schema = tool.get("name"), tool.get("input_schema")
    if not isinstance(name, str):
        refuse(f"{at}.name: Field required")
    if not _TOOL_NAME.fullmatch(name):
        refuse(f"{at}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
    if not isinstance(schema, dict):
        refuse(f"{at}.input_schema: Field required")
    if schema.get("type") != "object":
        refuse(f"{at}.input_schema.type: Input should be 'object'")
    if not isinstance(tool.get("description", ""), str):
        refuse(f"{at}.description: Input should be a valid string")
    if tool.get("strict"):
        if not model.grammars:
            refuse(f"{at}.strict: Extra inputs are not permitted")
        _check_grammar(schema, f"{at}.input_schema", 0)
    return Tool(name, tool.get("description", ""), schema)


def choice_of(data: Json, tools: tuple[Tool, ...], model: Model) -> tuple[Choice, bool]:
    """``tool_choice``, and whether several tools may be called at once."""
    wanted = data.get("tool_choice")
    if wanted is None:
        return Choice(), True
    if not isinstance(wanted, dict) or wanted.get("type") not in tuple(_CHOICES):
        refuse(
            "tool_choice: Input tag found does not match any of the expected tags: 'auto', 'any', 'tool', 'none'"
        )
    if not data.get("tools"):
        refuse("tool_choice may only be specified while providing tools.")
    kind = wanted["type"]
    if kind in ("any", "tool") and not model.forced_tools:
        refuse('tool_choice: type "tool" and "any" are not supported for this model.')
    parallel = wanted.get("disable_parallel_tool_use", False)
    if not isinstance(parallel, bool) or (kind == "none" and "disable_parallel_tool_use" in wanted):
        refuse(f"tool_choice.{kind}.disable_parallel_tool_use: Extra inputs are not permitted")
    if kind != "tool":
        return Choice("required" if kind == "any" else kind), not parallel
    name = wanted.get("name")
    if name not in [tool.name for tool in tools]:
        refuse(f"Tool '{name}' not found in provided tools")
    return Choice("required", (str(name),)), not parallel
