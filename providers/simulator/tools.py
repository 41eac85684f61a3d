"""What callers ask for beside a text: tools called, JSON of a shape, a word on their images.

A simulated vendor calls a tool where the caller insists (`Choice`), or where the prompt asks for it
by name ("call get_weather …"); its arguments are examples by the tool's schema.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from providers.simulator.schemas import example, json_answer
from providers.simulator.text import contains, words
from providers.simulator.vendors import Called
from providers.simulator.wire import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from providers.simulator.vendors import Ask, Choice, Reply, Tool

_CALL_CUE = re.compile(
    r"\b(?:call|use|using|invoke|run|look(?:ing)? up)\b|呼(?:び|ん|出)|使(?:って|い|用)|実行|調べ",
    re.IGNORECASE,
)
_ANY_TOOL = re.compile(r"\b(?:tools?|functions?)\b|ツール|関数", re.IGNORECASE)


def shaped(ask: Ask, reply: Reply) -> Reply:
    """The reply as ``ask`` wants it: calls instead of a text, JSON, results and images mentioned."""
    wanted = wants_tools(ask.question, ask.tools, ask.choice, parallel=ask.parallel)
    if ask.results and ask.choice.mode == "auto":
        wanted = ()  # what was called has been done
    if wanted:
        calls = tuple(
            Called(tool.name, dumps(example_arguments(tool.schema)).decode()) for tool in wanted
        )
        return replace(reply, text="", refuses=False, calls=calls)
    text = reply.text
    if ask.results:
        text = " ".join(f"{turn.tool or 'The tool'} says: {turn.text}" for turn in ask.results)
    if images := sum(turn.images for turn in ask.turns):
        text = f"I see {images} image{'s' * (images > 1)}. {text}"
    if ask.json is not None and not reply.refuses:
        text = json_answer(ask.json.schema, text)
    return replace(reply, text=text)


def wants_tools(
    prompt: str, tools: Sequence[Tool], choice: Choice, *, parallel: bool = True
) -> tuple[Tool, ...]:
    """The tools to call for ``prompt``: those it asks for by name, in their order; mostly none.

    A choice of ``required`` falls back to the first that may be called, and so does a prompt that
    asks for "the tool". Without ``parallel`` it is one at most.
    """
    offered = [tool for tool in tools if choice.among is None or tool.name in choice.among]
    if choice.mode == "none" or not offered:
        return ()
    cued = _CALL_CUE.search(prompt) is not None
    said = words(prompt.replace("_", " "))
    named = [
        tool for tool in offered if tool.name in prompt or contains(said, words(_spoken(tool)))
    ]
    if choice.mode == "auto" and not cued:
        return ()
    wanted = named or offered[:1]
    if choice.mode == "auto" and not named and not _ANY_TOOL.search(prompt):
        return ()
    return tuple(wanted if parallel else wanted[:1])


def example_arguments(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of the shape that ``schema`` asks for: what it requires, and no more."""
    value = example(schema)
    return value if isinstance(value, dict) else {}


def _spoken(tool: Tool) -> str:
    """A tool's name as a person says it: ``getWeather`` and ``get_weather`` are "get weather"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", tool.name).replace("_", " ").replace("-", " ")
