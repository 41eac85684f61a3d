"""What of a prompt's wishes Gemini is asked, and how: the one place that decides it.

Sources beside `providers.gemini.models`: ai.google.dev/api/generate-content (``GenerationConfig``),
ai.google.dev/api/caching (``Tool``, ``ToolConfig``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from providers.gemini.models import traits_of
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
    from providers.messages import Prompt, Tool, ToolChoice

MOST_STOPS: Final = 5
"""Stop sequences at most (``GenerationConfig.stopSequences``)."""

LARGEST_SEED: Final = 2**31 - 1
"""Seeds are 32-bit integers here (``GenerationConfig.seed``), 64-bit ones elsewhere."""

_MODES: Final = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
_EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh")


def decide(prompt: Prompt, model: str, card: ModelCard | None = None) -> Decision:
    """The body's fields beside ``contents`` and ``systemInstruction``; and what is told.

    Raises:
        LackError: the model lacks what the prompt wants.
    """
    wishes = _Wishes(prompt, model, card)
    wishes.length()
    if not wishes_nothing(prompt):
        refuse_images_in_system_turns(prompt, model)
        wishes.sampling()
        wishes.stop()
        wishes.format()
        wishes.thinking()
        wishes.tools()
    if wishes.config:
        wishes.made.fields["generationConfig"] = wishes.config
    return wishes.made


class _Wishes:
    """The decisions on one prompt, as they add up; ``config`` is the ``generationConfig``."""

    def __init__(self, prompt: Prompt, model: str, card: ModelCard | None) -> None:
        self._prompt = prompt
        self._model = model
        self._card = card
        self._traits = traits_of(model)
        self.config: dict[str, Any] = {}
        self.made = Decision()

    def length(self) -> None:
        """The bound on the reply."""
        max_tokens = max_tokens_for(self._prompt, self._card)
        if max_tokens is not None:
            self.config["maxOutputTokens"] = max_tokens

    def sampling(self) -> None:
        """Temperature, ``top_p``, penalties, the seed, and how closely to look at images."""
        prompt = self._prompt
        samples = self._card is None or self._card.supports_temperature
        # 1 and 0 are the defaults: leaving those out changes nothing.
        for name, word, value, default, takes in (
            ("temperature", "temperature", prompt.temperature, 1, samples),
            ("topP", "top_p", prompt.top_p, 1, samples),
            (
                "frequencyPenalty",
                "frequency_penalty",
                prompt.frequency_penalty,
                0,
                self._traits.penalties,
            ),
            (
                "presencePenalty",
                "presence_penalty",
                prompt.presence_penalty,
                0,
                self._traits.penalties,
            ),
        ):
            if value is None:
                continue
            if takes:
                self.config[name] = value
            elif value != default:
                self.made.left_out(self._model, word)
        if prompt.seed is not None:
            self._seed(prompt.seed)
        if has_detail(prompt):
            self.made.left_out(self._model, "detail of images")

    def stop(self) -> None:
        """Texts to stop before."""
        if len(self._prompt.stop) > MOST_STOPS:
            raise LackError(f"{self._model} takes {MOST_STOPS} stop sequences at most")
        if self._prompt.stop:
            self.config["stopSequences"] = list(self._prompt.stop)

    def format(self) -> None:
        """JSON, with a schema or without."""
        prompt = self._prompt
        if prompt.format is None:
            return
        if prompt.tools and prompt.tool_choice != "none" and not self._traits.tools_and_json:
            raise LackError(f"{self._model} takes no format beside tools")
        self.config["responseMimeType"] = "application/json"
        if prompt.format.schema is not None:
            # JSON Schema itself, unlike `responseSchema`: what the model does not know, it ignores.
            self.config["responseJsonSchema"] = dict(prompt.format.schema)

    def thinking(self) -> None:
        """How long to think: in levels, or in tokens before Gemini 3."""
        effort, traits = self._prompt.reasoning_effort, self._traits
        if effort is None:
            return
        known = traits.levels or tuple(word for word, _ in traits.budgets)
        if not known:
            if effort != "none":
                self.made.left_out(self._model, "reasoning_effort")
            return
        held = effort if effort in known else known[0 if _below(effort, known[0]) else -1]
        if traits.levels:
            self.config["thinkingConfig"] = {"thinkingLevel": held}
        else:
            budget = dict(traits.budgets)[held]
            self.config["thinkingConfig"] = {"thinkingBudget": budget}
            if effort == "none" and budget:
                self._tell(f"always thinks: {budget} tokens of it instead of none")
        if held != effort:
            self._tell(f"knows no reasoning_effort {effort}: {held} instead")

    def tools(self) -> None:
        """Tools, and which of them to call."""
        prompt, choice = self._prompt, _calling(self._prompt.tool_choice)
        if not prompt.tools:
            if choice.get("mode") == "ANY":
                raise LackError("a tool has to be called, and none is given")
            return
        if prompt.parallel_tool_calls is False and choice.get("mode") != "NONE":
            raise LackError(f"{self._model} cannot be kept from calling several tools at once")
        declared = [_declared(tool) for tool in prompt.tools]
        self.made.fields["tools"] = [{"functionDeclarations": declared}]
        if choice:
            self.made.fields["toolConfig"] = {"functionCallingConfig": choice}
        # Where a tool has to be called, the calls keep to the schemas by themselves.
        if choice.get("mode", "AUTO") == "AUTO" and any(tool.strict for tool in prompt.tools):
            self.made.left_out(self._model, "strict tools")

    def _seed(self, seed: int) -> None:
        held = seed if abs(seed) <= LARGEST_SEED else seed % LARGEST_SEED
        if held != seed:
            self._tell(f"takes seeds of 32 bits: {held} instead of {seed}")
        self.config["seed"] = held

    def _tell(self, words: str) -> None:
        self.made.told.append(f"{self._model} {words}")


def _below(effort: str, other: str) -> bool:
    return _EFFORTS.index(effort) < _EFFORTS.index(other)


def _calling(choice: ToolChoice | None) -> dict[str, Any]:
    if isinstance(choice, NamedTool):
        return {"mode": "ANY", "allowedFunctionNames": [choice.name]}
    return {"mode": _MODES[choice]} if choice is not None else {}


def _declared(tool: Tool) -> dict[str, Any]:
    declared: dict[str, Any] = {"name": tool.name}
    if tool.description:
        declared["description"] = tool.description
    if tool.parameters:
        # `parameters` takes a part of OpenAPI's schemas alone, this one JSON Schema.
        declared["parametersJsonSchema"] = dict(tool.parameters)
    return declared
