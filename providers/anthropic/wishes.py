"""What of a prompt's wishes Claude is asked, and how: the one place that decides it.

Sources beside `providers.anthropic.models`: platform.claude.com/docs, api/messages,
api/migration-2026-10-21, agents-and-tools/tool-use/define-tools, build-with-claude/extended-thinking
("Feature compatibility") and build-with-claude/structured-outputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from providers.anthropic.models import traits_of
from providers.anthropic.schemas import grammar_of
from providers.anthropic.turns import called_names, in_tool_loop
from providers.limits import max_tokens_for
from providers.messages import NamedTool
from providers.wishes import (
    Decision,
    LackError,
    has_detail,
    refuse_images_in_system_turns,
    wishes_nothing,
)

if TYPE_CHECKING:
    from providers.catalog import ModelCard
    from providers.messages import JsonFormat, Prompt, Tool, ToolChoice

Version = Literal["2023-06-01", "2026-10-21"]
"""Versions of the API (platform.claude.com/docs/en/api/versioning)."""

DEFAULT_VERSION: Final[Version] = "2023-06-01"
"""The version that every model, proxy and cloud speaks. The newer one takes less, and answers the same."""

WITHOUT_SAMPLING: Final = frozenset({"2026-10-21"})
"""Versions that take no temperature, ``top_p`` or ``top_k``, not even at their defaults."""

DEFAULT_MAX_TOKENS: Final = 8_192
"""Bound on a reply that sets none: the API demands one. The least any current Claude allows."""

MAX_TEMPERATURE: Final = 1.0
"""Top of Anthropic's scale; OpenAI's ends at 2."""

LEAST_TOP_P_THINKING: Final = 0.95
"""``top_p`` that goes with thinking, at least (extended-thinking, "Feature compatibility")."""

LEAST_LIMIT_THINKING: Final = 32_000
"""Tokens that each model which thinks by budget can write: Opus 4 and 4.1 the fewest."""

LEAST_BUDGET: Final = 1_024
"""Tokens of thinking that may be asked for, at least."""

BUDGETS: Final = {"minimal": 1_024, "low": 2_048, "medium": 8_192, "high": 16_384, "xhigh": 32_000}
"""``budget_tokens`` for each effort, where a model thinks by budget. The vendor advises 16,000 and
more for hard tasks and warns of more than 32,000; below, halves and quarters of it."""

JSON_TOOL: Final = "wallbounce_json_reply"
"""The tool whose input is the reply, where JSON can be had by a forced tool alone (tool-use, "JSON mode").
No caller's tool may be called so: its calls would be read as text."""

FORCED: Final = frozenset({"any", "tool"})
"""Kinds of ``tool_choice`` that make the model call one."""

THINKS: Final = frozenset({"enabled", "adaptive"})
"""Kinds of ``thinking`` that a temperature does not go with."""

NO_ARGUMENTS: Final[dict[str, Any]] = {"type": "object", "properties": {}}
"""The schema of a tool that takes none: the API wants one of every tool."""

_CHOICES: Final = {"auto": "auto", "none": "none", "required": "any"}


def decide(
    prompt: Prompt, model: str, card: ModelCard | None = None, version: Version = DEFAULT_VERSION
) -> Decision:
    """The body's fields beside ``model``, ``messages``, ``system`` and ``stream``; and what is told.

    Raises:
        LackError: the model lacks what the prompt wants.
    """
    wishes = _Wishes(prompt, model, card, version)
    wishes.length()
    if not wishes_nothing(prompt):
        refuse_images_in_system_turns(prompt, model)
        wishes.tools()
        wishes.format()
        wishes.thinking()
        wishes.sampling()
        wishes.stop()
        wishes.nudges()
    return wishes.made


class _Wishes:
    """The decisions on one prompt, as they add up."""

    def __init__(
        self, prompt: Prompt, model: str, card: ModelCard | None, version: Version
    ) -> None:
        self._prompt = prompt
        self._model = model
        self._card = card
        self._version = version
        self._traits = traits_of(model)
        self._limit = card.max_output_tokens if card is not None else None
        self.made = Decision()

    def length(self) -> None:
        """The bound on the reply."""
        default = min(self._limit or DEFAULT_MAX_TOKENS, DEFAULT_MAX_TOKENS)
        self.made.fields["max_tokens"] = max_tokens_for(self._prompt, self._card) or default

    def tools(self) -> None:
        """Tools, and which of them to call."""
        prompt, fields = self._prompt, self.made.fields
        choice = _choice(prompt.tool_choice)
        forced = choice.get("type") in FORCED
        if not prompt.tools:
            if forced:
                raise LackError("a tool has to be called, and none is given")
            if names := called_names(prompt.messages):
                # Calls of the past need their definitions; none is to be called now.
                fields["tools"] = [{"name": name, "input_schema": NO_ARGUMENTS} for name in names]
                fields["tool_choice"] = {"type": "none"}
            return
        if forced and not self._traits.forced_tools:
            words = "cannot be made to call a tool: it takes tool_choice auto and none"
            raise LackError(f"{self._model} {words}")
        if any(tool.name == JSON_TOOL for tool in prompt.tools):
            raise LackError(f"{self._model} takes no tool called {JSON_TOOL}: the name is ours")
        fields["tools"] = [self._tool(tool) for tool in prompt.tools]
        if prompt.parallel_tool_calls is False and choice.get("type") != "none":
            choice = {"type": "auto"} | choice | {"disable_parallel_tool_use": True}
        if choice:
            fields["tool_choice"] = choice

    def format(self) -> None:
        """JSON: by a grammar, or by a tool that has to be called where there is none for it."""
        wanted = self._prompt.format
        if wanted is None:
            return
        if wanted.schema is not None and self._traits.grammars:
            schema, loosened = grammar_of(wanted.schema)
            self._configure("format", {"type": "json_schema", "schema": schema})
            if loosened:
                self._loosened("the format")
            return
        what = "JSON without a schema" if wanted.schema is None else "JSON by a schema"
        if not self._traits.forced_tools:
            raise LackError(f"{self._model} writes no {what}: give it a format of type json_schema")
        if "tools" in self.made.fields:
            raise LackError(f"{self._model} writes no {what} beside tools")
        self.made.fields["tools"] = [_json_tool(wanted)]
        # Called twice, the reply would be two objects one after the other: no JSON.
        once = {"disable_parallel_tool_use": True}
        self.made.fields["tool_choice"] = {"type": "tool", "name": JSON_TOOL} | once
        self.made.told.append(f"{self._model} has no {what}: asked for by a tool")

    def thinking(self) -> None:
        """How long to think, in the words of the model's generation."""
        effort, traits = self._prompt.reasoning_effort, self._traits
        if effort is None:
            return
        if effort == "none":
            self._do_not_think()
        elif traits.thinking == "none":
            self.made.left_out(self._model, "reasoning_effort")
        elif traits.thinking == "adaptive":
            if traits.forced_thinking or not self._is_forced():
                self.made.fields["thinking"] = {"type": "adaptive"}
            else:
                self._tell("does not think where a tool has to be called")
            self._effort(effort)
        elif self._budget(BUDGETS[effort]) and traits.efforts:
            self._effort(effort)

    def sampling(self) -> None:
        """Temperature and ``top_p``. 1 is the default of both, so that leaving a 1 out changes nothing."""
        temperature, top_p = self._prompt.temperature, self._prompt.top_p
        if not self._samples():
            taker = self._model
            if self._version in WITHOUT_SAMPLING:
                taker = f"Anthropic's version {self._version}"
            for value, word in ((temperature, "temperature"), (top_p, "top_p")):
                if value not in {None, 1}:
                    self.made.left_out(taker, word)
            return
        thinks = self.made.fields.get("thinking", {}).get("type") in THINKS
        if temperature is not None:
            self._temperature(temperature, thinks=thinks)
        if top_p is not None:
            self._top_p(top_p, thinks=thinks)

    def stop(self) -> None:
        """Texts to stop before."""
        if not self._prompt.stop:
            return
        if not all(stop.strip() for stop in self._prompt.stop):
            raise LackError(f"{self._model} takes no stop sequence of white space alone")
        self.made.fields["stop_sequences"] = list(self._prompt.stop)

    def nudges(self) -> None:
        """What Claude knows nothing of."""
        prompt = self._prompt
        if prompt.seed is not None:
            self.made.left_out(self._model, "seed")
        if prompt.frequency_penalty:
            self.made.left_out(self._model, "frequency_penalty")
        if prompt.presence_penalty:
            self.made.left_out(self._model, "presence_penalty")
        if has_detail(prompt):
            self.made.left_out(self._model, "detail of images")

    def _tool(self, tool: Tool) -> dict[str, Any]:
        schema = {"type": "object", **(tool.parameters or NO_ARGUMENTS)}
        written: dict[str, Any] = {"name": tool.name}
        if tool.description:
            written["description"] = tool.description
        if tool.strict and not self._traits.grammars:
            self.made.left_out(self._model, "strict tools")
        elif tool.strict:
            schema, loosened = grammar_of(schema)
            written["strict"] = True
            if loosened:
                self._loosened(f"the tool {tool.name}")
        written["input_schema"] = schema
        return written

    def _do_not_think(self) -> None:
        off = self._traits.off
        if off == "never":
            self._configure("effort", "low")
            self._tell("always thinks: reasoning_effort low instead of none")
        elif off != "silence":
            self.made.fields["thinking"] = {"type": off}

    def _effort(self, effort: str) -> None:
        efforts = self._traits.efforts
        held = effort
        if effort not in efforts:
            held = efforts[0] if effort == "minimal" else efforts[-1]
            self._tell(f"knows no reasoning_effort {effort}: {held} instead")
        self._configure("effort", held)

    def _budget(self, budget: int) -> bool:
        """Whether to think by ``budget_tokens``, which ``max_tokens`` has to exceed."""
        if self._is_forced():
            self._tell("does not think where a tool has to be called: no reasoning_effort")
            return False
        if in_tool_loop(self._prompt.turns):
            # Its turn would have to begin with the thinking that nobody kept.
            self._tell("does not begin to think between tools: no reasoning_effort")
            return False
        fields = self.made.fields
        if self._prompt.max_tokens is None:
            bound = DEFAULT_MAX_TOKENS + budget
            fields["max_tokens"] = min(bound, self._limit or LEAST_LIMIT_THINKING)
        # Half of a short reply is for the text; of a long one, as much as is for a text alone.
        most = max(fields["max_tokens"] // 2, fields["max_tokens"] - DEFAULT_MAX_TOKENS)
        room = min(budget, most)
        if room < LEAST_BUDGET:
            self._tell(f"needs max_tokens of {2 * LEAST_BUDGET} to think: no reasoning_effort")
            return False
        if room < budget:
            self._tell(f"thinks {room} tokens at most: max_tokens leaves no more")
        fields["thinking"] = {"type": "enabled", "budget_tokens": room}
        return True

    def _samples(self) -> bool:
        if self._version in WITHOUT_SAMPLING or not self._traits.samples:
            return False
        return self._card is None or self._card.supports_temperature

    def _temperature(self, temperature: float, *, thinks: bool) -> None:
        if thinks:
            if temperature != 1:
                self.made.left_out(f"{self._model}, thinking,", "temperature")
            return
        if temperature > MAX_TEMPERATURE:
            self._tell(f"takes a temperature up to 1: 1 instead of {temperature:g}")
        self.made.fields["temperature"] = min(temperature, MAX_TEMPERATURE)

    def _top_p(self, top_p: float, *, thinks: bool) -> None:
        if thinks and top_p < LEAST_TOP_P_THINKING:
            self.made.left_out(f"{self._model}, thinking,", f"top_p under {LEAST_TOP_P_THINKING}")
        elif "temperature" in self.made.fields and not self._traits.both:
            self.made.left_out(self._model, "top_p beside a temperature")
        else:
            self.made.fields["top_p"] = top_p

    def _is_forced(self) -> bool:
        return self.made.fields.get("tool_choice", {}).get("type") in FORCED

    def _configure(self, key: str, value: Any) -> None:
        self.made.fields["output_config"] = self.made.fields.get("output_config", {}) | {key: value}

    def _tell(self, words: str) -> None:
        self.made.told.append(f"{self._model} {words}")

    def _loosened(self, what: str) -> None:
        self._tell(f"is not held to all bounds of {what}: told them in the schema's descriptions")


def _choice(choice: ToolChoice | None) -> dict[str, Any]:
    if isinstance(choice, NamedTool):
        return {"type": "tool", "name": choice.name}
    return {"type": _CHOICES[choice]} if choice is not None else {}


def _json_tool(wanted: JsonFormat) -> dict[str, Any]:
    words = wanted.description or "The reply to the user, whole, as one JSON object."
    schema = {"type": "object", **(wanted.schema or {})}
    return {"name": JSON_TOOL, "description": words, "input_schema": schema}
