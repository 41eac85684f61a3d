"""Which of a prompt's wishes a model is asked, and which are refused, changed or left out.

What changes the meaning of a reply (images, tools, formats, stop texts) is refused where a model
lacks it. What nudges it is left out or brought within the model's range, and told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from providers.errors import UnsupportedError
from providers.messages import Effort
from providers.openai import turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from providers.messages import Prompt
    from providers.openai.models import Takes, When

MAX_STOPS = 4
"""Most stop texts OpenAI takes (platform.openai.com/docs/api-reference/chat/create, ``stop``)."""

SAY_JSON = "Answer in JSON."
"""OpenAI refuses ``json_object`` where no message holds the word "JSON" (…/guides/structured-outputs,
"JSON mode"); this system turn is then put before the prompt."""

_EFFORTS: tuple[Effort, ...] = get_args(Effort)
_IMAGE_ROLES = frozenset({"user"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sent of a prompt's wishes.

    ``fields`` are those of the request's body beside the model, the messages and the bound on
    tokens; ``say_json``: `SAY_JSON` goes before the messages; ``adjusted`` is told to the caller.
    """

    fields: Mapping[str, Any]
    say_json: bool = False
    adjusted: tuple[str, ...] = ()


PLAIN = Asked({})
"""Nothing beyond the messages."""


def asked_of(provider: str, model: str, takes: Takes, prompt: Prompt) -> Asked:
    """Decide for one model.

    Raises:
        UnsupportedError: the model lacks what the reply would mean something else without.
    """
    wishes = _Wishes(provider, model, takes, prompt)
    wishes.images()
    if prompt.tools or prompt.tool_choice is not None:
        wishes.tools()
    if prompt.format is not None:
        wishes.format()
    wishes.effort()
    if prompt.stop:
        wishes.stop()
    wishes.nudges()
    if not (wishes.fields or wishes.adjusted or wishes.say_json):
        return PLAIN
    return Asked(wishes.fields, wishes.say_json, tuple(wishes.adjusted))


def says_json(prompt: Prompt) -> bool:
    """Whether the prompt holds the word "JSON"."""
    return any("json" in message.content.casefold() for message in prompt.messages)


def say_json_adjustment(model: str) -> str:
    """What the caller is told where `SAY_JSON` goes before the prompt."""
    return f'{model} was also told "{SAY_JSON}"'


class _Wishes:
    """The decisions on one prompt, as they add up."""

    def __init__(self, provider: str, model: str, takes: Takes, prompt: Prompt) -> None:
        self._provider = provider
        self._model = model
        self._takes = takes
        self._prompt = prompt
        self._effort = takes.default_effort
        self.fields: dict[str, Any] = {}
        self.adjusted: list[str] = []
        self.say_json = False

    def images(self) -> None:
        for message in self._prompt.messages:
            if not message.parts or not message.images:
                continue
            if not self._takes.images:
                raise self._lacks("takes no images")
            if message.role not in _IMAGE_ROLES:
                raise self._lacks("takes images in user turns only")
            if any(image.url is None and not image.media_type for image in message.images):
                raise self._lacks("takes no image of an unknown media type")

    def tools(self) -> None:
        prompt, takes = self._prompt, self._takes
        if not prompt.tools:
            if turns.insists(prompt.tool_choice):
                raise self._lacks("can call no tool where none is offered")
            return
        if not takes.tools:
            raise self._lacks("takes no tools")
        self.fields["tools"] = [turns.tool(offered) for offered in prompt.tools]
        if prompt.tool_choice is not None:
            self.fields["tool_choice"] = turns.tool_choice(prompt.tool_choice)
        if prompt.parallel_tool_calls is not None:
            if takes.parallel:
                self.fields["parallel_tool_calls"] = prompt.parallel_tool_calls
            else:
                self._left_out("parallel_tool_calls")

    def format(self) -> None:
        wanted = self._prompt.format
        if wanted is None:
            return
        if wanted.schema is not None and not self._takes.schema:
            raise self._lacks("takes no JSON schema")
        if wanted.schema is None:
            if not self._takes.json:
                raise self._lacks("takes no response format")
            if not says_json(self._prompt):
                self.say_json = True
                self.adjusted.append(say_json_adjustment(self._model))
        self.fields["response_format"] = turns.response_format(wanted)

    def effort(self) -> None:
        wanted, takes = self._prompt.reasoning_effort, self._takes
        if takes.efforts is None:
            self._effort = wanted or takes.default_effort
            if wanted is not None:
                self.fields["reasoning_effort"] = wanted
        elif not takes.efforts:
            if wanted not in {None, "none"}:
                self._left_out("reasoning_effort")
        elif self._prompt.tools and not takes.tools_and_effort:
            self._effort = "none"
            if (wanted or takes.default_effort) != "none":
                self.adjusted.append(
                    f"{self._model} calls tools only without reasoning: reasoning_effort is none"
                )
                self.fields["reasoning_effort"] = "none"
            elif wanted is not None:
                self.fields["reasoning_effort"] = wanted
        elif wanted is not None:
            self._effort = _nearest(wanted, takes.efforts)
            self.fields["reasoning_effort"] = self._effort
            if self._effort != wanted:
                self.adjusted.append(
                    f"{self._model} takes no reasoning_effort {wanted}: it is {self._effort}"
                )

    def stop(self) -> None:
        stops = self._prompt.stop
        if not self._now(self._takes.stop):
            only = self._takes.stop == "unless_reasoning"
            raise self._lacks(
                "takes stop texts only without reasoning" if only else "takes no stop texts"
            )
        if len(stops) > MAX_STOPS:
            raise self._lacks(f"takes at most {MAX_STOPS} stop texts")
        self.fields["stop"] = list(stops)

    def nudges(self) -> None:
        prompt, takes = self._prompt, self._takes
        for name, value, default, when in (
            ("temperature", prompt.temperature, 1, takes.sampling),
            ("top_p", prompt.top_p, 1, takes.sampling),
            ("frequency_penalty", prompt.frequency_penalty, 0, takes.penalties),
            ("presence_penalty", prompt.presence_penalty, 0, takes.penalties),
        ):
            if value is None:
                continue
            if self._now(when):
                self.fields[name] = value
            elif value != default:
                self._left_out(name)
        if prompt.seed is not None:
            if takes.seed:
                self.fields["seed"] = prompt.seed
            else:
                self._left_out("seed")

    def _now(self, when: When) -> bool:
        return when == "always" or (when == "unless_reasoning" and self._effort == "none")

    def _left_out(self, name: str) -> None:
        self.adjusted.append(f"{self._model} takes no {name}: left out")

    def _lacks(self, what: str) -> UnsupportedError:
        return UnsupportedError(self._provider, f"{self._model} {what}")


def _nearest(wanted: Effort, efforts: tuple[Effort, ...]) -> Effort:
    """The effort taken that is nearest to the one wanted, of two as near the greater."""
    at = _EFFORTS.index(wanted)
    return min(efforts, key=lambda word: (abs(_EFFORTS.index(word) - at), -_EFFORTS.index(word)))
