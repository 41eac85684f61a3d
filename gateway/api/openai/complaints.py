"""What is wrong with a body, in OpenAI's words: which parameter, and what of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

PARAM_CHARS_MAX = 200
"""Longest name of a parameter that is repeated to the caller."""

_LABEL = re.compile(r"[A-Z]|.*[\[('\"]|(?:str|int|float|bool|literal)$")
"""Steps of pydantic's paths that name a member of a union, not a parameter."""

_WORDS = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "bool_type": "a boolean",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}

_KINDS: Final[Mapping[type, str]] = {
    type(None): "null",
    bool: "a boolean",
    str: "a string",
    int: "an integer",
    float: "a number",
    list: "an array",
    dict: "an object",
}


class ParameterError(InvalidRequestError):
    """A parameter makes no sense or is not offered. ``kind`` is OpenAI's word for how."""

    def __init__(self, detail: str, *, param: str | None, kind: str = "invalid_value") -> None:
        super().__init__(detail, field=param)
        self.kind = kind


def not_offered(param: str, why: str) -> ParameterError:
    """OpenAI has this parameter, or this value of it; here it is not built, and not made believe."""
    return ParameterError(
        f"Unsupported parameter: '{param}' {why}", param=param, kind="unsupported_parameter"
    )


def invalid(param: str, why: str) -> ParameterError:
    """The value of ``param`` makes no sense."""
    return ParameterError(f"Invalid value for '{param}': {why}", param=param)


def missing(param: str) -> ParameterError:
    """What has to be said was not."""
    return ParameterError(
        f"Missing required parameter: '{param}'.", param=param, kind="missing_required_parameter"
    )


def complaint_of(error: ValidationError) -> ParameterError:
    """The first complaint of pydantic, without the values."""
    found = error.errors(include_url=False, include_context=True, include_input=True)
    # Of a union every member complains: the one that got furthest is the one that was meant.
    root = found[0]["loc"][:1]
    told = max((f for f in found if f["loc"][:1] == root), key=lambda f: len(_named(f["loc"])))
    param = path(told["loc"])
    kind, what = told["type"], told["msg"]
    if kind == "extra_forbidden":
        *above, unknown = told["loc"]
        param = f"{path(above)}.{unknown}" if above else str(unknown)
        param = param[:PARAM_CHARS_MAX]
        return ParameterError(
            f"Unknown parameter: '{param}'.", param=param, kind="unknown_parameter"
        )
    if kind == "missing":
        return ParameterError(
            f"Missing required parameter: '{param}'.",
            param=param,
            kind="missing_required_parameter",
        )
    if kind in _WORDS:
        members = [_WORDS[f["type"]] for f in found if f["type"] in _WORDS and _same(f, told)]
        wanted = " or ".join(dict.fromkeys(members))
        return ParameterError(
            f"Invalid type for '{param}': expected {wanted}, but got {_kind_of(told['input'])} instead.",
            param=param,
            kind="invalid_type",
        )
    if kind == "literal_error":
        allowed = (told.get("ctx") or {}).get("expected", "")
        return ParameterError(
            f"Invalid value for '{param}'. Supported values are: {allowed}.", param=param
        )
    return ParameterError(f"Invalid value for '{param}': {what}.", param=param)


def path(steps: Sequence[int | str]) -> str:
    """A path in OpenAI's notation: ``messages[0].content[1].text``."""
    told = ""
    for step in _named(steps):
        if isinstance(step, int):
            told += f"[{step}]"
        else:
            told += f".{step}" if told else step
    return told[:PARAM_CHARS_MAX]


def _named(steps: Sequence[int | str]) -> list[int | str]:
    first, *rest = steps or ("",)
    return [first, *(s for s in rest if isinstance(s, int) or not _LABEL.match(s))]


def _same(one: ErrorDetails, other: ErrorDetails) -> bool:
    return _named(one["loc"]) == _named(other["loc"])


def _kind_of(value: Any) -> str:
    return _KINDS[type(value)]
