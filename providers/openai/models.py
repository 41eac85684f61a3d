"""What OpenAI's models take of a prompt's wishes: a table by the models' names.

Sources, read for models up to gpt-6.2 (2026): platform.openai.com/docs/guides/reasoning (efforts),
…/docs/guides/latest-model (sampling parameters only without reasoning),
…/docs/api-reference/chat/create (``stop``, ``reasoning_effort``, ``parallel_tool_calls``),
…/docs/guides/structured-outputs (``json_schema``), …/docs/models (vision); what those leave out,
from the errors that users report: community.openai.com/t/1371738 (efforts model by model) and
…/t/1386454 (function tools while reasoning, since gpt-5.4). gpt-6:
developers.openai.com/api/docs/guides/deployment-checklist (tools of Astra and of Sol since 6.1 in the
Responses API alone).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from providers.messages import Effort

When = Literal["always", "unless_reasoning", "never"]
"""When a model takes a parameter; ``unless_reasoning``: while its effort is ``none``."""


@dataclass(frozen=True, slots=True)
class Takes:
    """What a model takes. As it stands here: everything, as of a model nobody here knows.

    ``reasons``: it thinks first, and bounds replies by ``max_completion_tokens``. ``efforts`` are
    the words it takes for ``reasoning_effort``, least first; None where they are not known, and
    empty where it takes none. ``default_effort`` is its effort where it is asked for none.
    ``tools_and_effort``: it calls functions while it reasons. ``parallel`` is
    ``parallel_tool_calls``, ``schema`` is ``json_schema``.
    """

    reasons: bool = False
    efforts: tuple[Effort, ...] | None = None
    default_effort: Effort | None = None
    sampling: When = "always"
    penalties: When = "always"
    stop: When = "always"
    seed: bool = True
    images: bool = True
    tools: bool = True
    tools_and_effort: bool = True
    parallel: bool = True
    json: bool = True
    schema: bool = True


_PLAIN = Takes(efforts=())
_BARE = replace(_PLAIN, images=False, json=False, schema=False)
_O_SERIES = Takes(
    reasons=True,
    efforts=("low", "medium", "high"),
    default_effort="medium",
    sampling="never",
    penalties="never",
    parallel=False,
)
_GPT5 = Takes(
    reasons=True,
    efforts=("minimal", "low", "medium", "high"),
    default_effort="medium",
    sampling="never",
    penalties="never",
    stop="never",
)
_GPT51 = replace(
    _GPT5,
    efforts=("none", "low", "medium", "high"),
    default_effort="none",
    sampling="unless_reasoning",
    stop="unless_reasoning",
)
_GPT52 = replace(_GPT51, efforts=("none", "low", "medium", "high", "xhigh"))
_GPT54 = replace(_GPT52, tools_and_effort=False)
_GPT55 = replace(_GPT54, default_effort="medium")
_ASTRA = replace(_GPT5, efforts=("low", "medium", "high", "xhigh"), tools=False)
_SEARCH = replace(
    _PLAIN, sampling="never", penalties="never", stop="never", seed=False, tools=False
)

#: The first pattern that begins a model's name holds; `Takes()` where none does.
_FAMILIES: tuple[tuple[str, Takes], ...] = (
    (r"gpt-4o[\w.\-]*-search", _SEARCH),
    (r"gpt-5[\w.\-]*-search", replace(_SEARCH, reasons=True)),
    (r"gpt-5-chat", _PLAIN),
    (r"gpt-5\.\d+-chat", replace(_GPT5, efforts=("medium",))),
    (r"gpt-5[\d.]*-(?:pro|codex)", Takes(reasons=True, sampling="never", penalties="never", stop="never")),
    (r"gpt-5(?![\d.])", _GPT5),
    (r"gpt-5\.1(?!\d)", _GPT51),
    (r"gpt-5\.[23](?!\d)", _GPT52),
    (r"gpt-5\.4(?!\d)", _GPT54),
    (r"gpt-5\.[5-9](?!\d)", _GPT55),
    (r"gpt-6[\d.]*-astra|gpt-6\.\d+-sol", _ASTRA),
    (r"gpt-6(?!\d)", _GPT55),
    (r"gpt-(?:[5-9](?!\d)|1\d(?!\d))", Takes(reasons=True, sampling="unless_reasoning", penalties="never")),
    (r"o1-(?:mini|preview)", replace(_O_SERIES, efforts=(), images=False, tools=False, json=False, schema=False)),
    (r"o3-mini", replace(_O_SERIES, images=False)),
    (r"o1", _O_SERIES),
    (r"o\d", replace(_O_SERIES, stop="never")),
    (r"chatgpt-4o", replace(_PLAIN, tools=False, schema=False)),
    (r"gpt-4o-2024-05-13", replace(_PLAIN, schema=False)),
    (r"gpt-4(?:o|\.\d)", _PLAIN),
    (r"gpt-4-(?:turbo-preview|1106|0125)", replace(_PLAIN, images=False, schema=False)),
    (r"gpt-4-turbo", replace(_PLAIN, schema=False)),
    (r"gpt-4(?:-0\d{3}|-32k|$)", _BARE),
    (r"gpt-3\.5", replace(_BARE, json=True)),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), takes) for pattern, takes in _FAMILIES)
_UNKNOWN = Takes()


@lru_cache(maxsize=256)
def takes_of(model: str, *, sampling: bool = True) -> Takes:
    """What a model takes, by its name; with a prefix of a router or a fine-tuning, by the rest.

    Without ``sampling`` the catalogue knows that it takes no sampling parameters.
    """
    name = model.rpartition("/")[2].removeprefix("ft:")
    takes = next((takes for pattern, takes in _PATTERNS if pattern.match(name)), _UNKNOWN)
    return takes if sampling else replace(takes, sampling="never")
