"""Which of a prompt's wishes LiteLLM is asked, for a model that takes a part of OpenAI's words.

The rule is that of `providers.openai.wishes`: what changes the meaning of a reply is refused where
the model lacks it, and what nudges it is left out and told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from providers.errors import UnsupportedError
from providers.messages import NamedTool
from providers.openai import turns
from providers.openai.wishes import Asked, say_json_adjustment, says_json

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from providers.messages import Prompt

NUDGES = (
    "temperature",
    "top_p",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "reasoning_effort",
    "parallel_tool_calls",
)
"""Words a reply means the same without."""


def asked_of(
    provider: str,
    model: str,
    supported: Collection[str] | None,
    prompt: Prompt,
    *,
    images: bool = True,
) -> Asked:
    """Decide for one model.

    Args:
        provider: who is asked, for its errors.
        model: the model, for the caller to read.
        supported: OpenAI's words that LiteLLM says the model takes; None where it does not know the
            vendor, which is then asked everything.
        prompt: what is wished.
        images: whether the model reads images, as far as LiteLLM knows.

    Raises:
        UnsupportedError: the model lacks what the reply would mean something else without.
    """
    if not images and any(message.images for message in prompt.messages):
        raise UnsupportedError(provider, f"{model} takes no images")
    if not prompt.tools and turns.insists(prompt.tool_choice):
        raise UnsupportedError(provider, f"{model} can call no tool where none is offered")
    choice = prompt.tool_choice
    if isinstance(choice, NamedTool) and choice.name not in {tool.name for tool in prompt.tools}:
        raise UnsupportedError(provider, f"{model} is offered no tool {choice.name}")
    meant = _meaning(prompt)
    for name, value in meant.items():
        if supported is not None and name not in supported and value != "auto":
            raise UnsupportedError(provider, f"{model} takes no {name}")
    fields = {k: v for k, v in meant.items() if supported is None or k in supported}
    adjusted = []
    for name in NUDGES:
        value = getattr(prompt, name)
        if value is None or (name == "parallel_tool_calls" and not prompt.tools):
            continue
        if supported is None or name in supported:
            fields[name] = value
        else:
            adjusted.append(f"{model} takes no {name}: left out")
    say_json = prompt.format is not None and prompt.format.schema is None and not says_json(prompt)
    if say_json:
        adjusted.append(say_json_adjustment(model))
    return Asked(fields, say_json, tuple(adjusted))


def without_nudges(model: str, asked: Asked) -> Asked | None:
    """The same without any nudge, which is told; None where there is none to leave out.

    For a model that takes a word but not the value: LiteLLM then refuses it before it sends.
    """
    gone = [name for name in NUDGES if name in asked.fields]
    if not gone:
        return None
    fields = {name: value for name, value in asked.fields.items() if name not in gone}
    told = [f"{model} takes no such {name}: left out" for name in gone]
    return replace(asked, fields=fields, adjusted=(*asked.adjusted, *told))


def _meaning(prompt: Prompt) -> Mapping[str, Any]:
    """The wishes a reply would mean something else without, in OpenAI's words."""
    fields: dict[str, Any] = {}
    choice = prompt.tool_choice
    if prompt.tools and isinstance(choice, NamedTool):
        # LiteLLM drops a named tool for some vendors without a word, and "required" for none.
        named = [tool for tool in prompt.tools if tool.name == choice.name]
        fields["tools"] = [turns.tool(offered) for offered in named]
        fields["tool_choice"] = "required"
    elif prompt.tools:
        fields["tools"] = [turns.tool(offered) for offered in prompt.tools]
        if choice is not None:
            fields["tool_choice"] = choice
    if prompt.format is not None:
        fields["response_format"] = turns.response_format(prompt.format)
    if prompt.stop:
        fields["stop"] = list(prompt.stop)
    return fields
