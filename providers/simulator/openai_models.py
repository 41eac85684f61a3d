"""What OpenAI's models refuse, as their users meet it.

Reasoning models refuse sampling parameters, since gpt-5.1 only while they reason; each takes its own
words for ``reasoning_effort`` (platform.openai.com/docs/guides/reasoning, …/guides/latest-model), and
since gpt-5.4 none but ``none`` beside function tools (community.openai.com/t/1386454).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"(gpt-|o\d|chatgpt-)[\w.\-]*")
_O_SERIES = re.compile(r"o(\d)(?:-(mini))?")
_GPT = re.compile(r"gpt-(\d+)(?:\.(\d+))?(.*)")
_FIRST_TO_REASON = (5, 0)
_MAY_REST = (5, 1)  # takes an effort of "none", and has it by default
_XHIGH = (5, 2)
_NO_TOOLS_REASONING = (5, 4)
_RESTS_BY_DEFAULT_UNTIL = (5, 4)
_STOPLESS_O = 3


@dataclass(frozen=True, slots=True)
class Model:
    """``efforts`` is empty for a model that does not reason; ``effort`` is its default."""

    efforts: tuple[str, ...] = ()
    effort: str = "none"
    takes_stop: bool = True
    takes_parallel: bool = True
    reads_images: bool = True
    tools_while_reasoning: bool = True
    has_schemas: bool = True

    @property
    def reasons(self) -> bool:
        """Whether it is a reasoning model, at whatever effort."""
        return bool(self.efforts)


def model_named(name: str) -> Model | None:
    """The model of that name; None if there is none."""
    if _NAME.fullmatch(name) is None:
        return None
    if found := _O_SERIES.match(name):
        number, mini = int(found[1]), found[2]
        return Model(
            ("low", "medium", "high"),
            "medium",
            takes_stop=number < _STOPLESS_O or (number == _STOPLESS_O and mini is not None),
            takes_parallel=False,
            reads_images=not (mini and number <= _STOPLESS_O),
        )
    found = _GPT.match(name)
    return _gpt(name, (int(found[1]), int(found[2] or 0)), found[3]) if found else Model()


def _gpt(name: str, version: tuple[int, int], rest: str) -> Model:
    if version < _FIRST_TO_REASON:
        return _older(name)
    if "chat" in rest:
        return Model(("medium",), "medium", takes_stop=False) if version >= _MAY_REST else Model()
    if version < _MAY_REST:
        return Model(("minimal", "low", "medium", "high"), "medium", takes_stop=False)
    efforts = ("none", "low", "medium", "high")
    return Model(
        (*efforts, "xhigh") if version >= _XHIGH else efforts,
        "none" if version <= _RESTS_BY_DEFAULT_UNTIL else "medium",
        tools_while_reasoning=version < _NO_TOOLS_REASONING,
    )


def _older(name: str) -> Model:
    early = re.match(r"gpt-(?:3\.5|4(?:-|$)|4o-2024-05-13)", name) is not None
    sees = re.match(r"gpt-(?:3\.5|4-(?!turbo)|4$)", name) is None
    return Model(has_schemas=not early, reads_images=sees)
