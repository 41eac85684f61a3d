"""Gemini's contents: texts, images, calls of functions and their responses, in the order it demands."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

from providers.simulator.gemini_errors import camel, refuse, refuse_value
from providers.simulator.vendors import Turn
from providers.simulator.wire import dumps

if TYPE_CHECKING:
    from providers.simulator.gemini_models import Model
    from providers.simulator.wire import Json

_PART = frozenset({
    "text", "inlineData", "fileData", "functionCall", "functionResponse", "thought", "thoughtSignature",
    "executableCode", "codeExecutionResult", "videoMetadata", "mediaResolution",
})  # fmt: skip
_IMAGES = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
_CALL = frozenset({"id", "name", "args"})
_RESPONSE = frozenset({"id", "name", "response", "willContinue", "scheduling", "parts"})


def text_of(content: Any, at: str) -> str:
    """The text of a content that holds nothing else, as ``systemInstruction``."""
    turns = _turns(content, at, "user", None)
    return "\n".join(turn.text for turn in turns)


def turns_of(contents: Any, model: Model) -> list[Turn]:
    """``contents`` as turns, once their calls and responses go together."""
    if not contents or not isinstance(contents, list):
        refuse("* GenerateContentRequest.contents: contents is not specified\n")
    turns: list[Turn] = []
    for index, content in enumerate(contents):
        role = content.get("role", "user") if isinstance(content, dict) else None
        if not isinstance(role, str) or role not in {"user", "model", "function"}:
            refuse("Please use a valid role: user, model.")
        turns += _turns(content, f"contents[{index}]", role, model)
    parts = [_parts(content, f"contents[{at}]") for at, content in enumerate(contents)]
    _check_calls(parts)
    if model.signs:
        _check_signatures(parts)
    return turns


def _parts(content: Any, at: str) -> list[Json]:
    parts = content.get("parts") if isinstance(content, dict) else None
    listed = [parts] if isinstance(parts, dict) else parts
    if not isinstance(listed, list) or not listed or not all(isinstance(p, dict) for p in listed):
        refuse(f"* GenerateContentRequest.{at}.parts: contents.parts must not be empty.\n")
    return [camel(part, f"{at}.parts[{index}]", _PART) for index, part in enumerate(listed)]


def _turns(content: Any, at: str, role: str, model: Model | None) -> list[Turn]:
    """A content's turns: a tool's for each response, one for all the rest. Without a model, text alone."""
    texts: list[str] = []
    images = 0
    results: list[Turn] = []
    for index, part in enumerate(_parts(content, at)):
        here = f"{at}.parts[{index}]"
        if isinstance(part.get("text"), str):
            texts.append("" if part.get("thought") else part["text"])
        elif model is not None and "inlineData" in part:
            _check_inline(part["inlineData"], here)
            images += 1
        elif model is not None and "fileData" in part:
            _check_file(part["fileData"], here, model)
            images += 1
        elif model is not None and "functionCall" in part and role == "model":
            call = _call(part["functionCall"], f"{here}.function_call", model)
            texts.append(f"{call['name']} {dumps(call.get('args') or {}).decode()}")
        elif model is not None and "functionResponse" in part and role != "model":
            results.append(_result(part["functionResponse"], f"{here}.function_response", model))
        else:
            refuse(f"* GenerateContentRequest.{at}.parts: contents.parts must not be empty.\n")
    if not texts and not images:
        return results
    said = "self" if role == "model" else "user"
    turn = Turn(said, "\n".join(texts), images=images)  # type: ignore[arg-type]  # one of its roles
    return [*results, turn]


def _check_inline(data: Any, at: str) -> None:
    if not isinstance(data, dict):
        refuse_value(f"{at}.inline_data", "Blob")
    blob = camel(data, f"{at}.inline_data", frozenset({"mimeType", "data", "displayName"}))
    if blob.get("mimeType") not in _IMAGES:
        refuse(f"Unsupported MIME type: {blob.get('mimeType', '')}")
    try:
        b64decode(blob.get("data", ""), validate=True)
    except (ValueError, TypeError):
        refuse(
            f"Invalid value at '{at}.inline_data.data' (TYPE_BYTES), Base64 decoding failed for the value",
            field=f"{at}.inline_data.data",
        )


def _check_file(data: Any, at: str, model: Model) -> None:
    if not isinstance(data, dict):
        refuse_value(f"{at}.file_data", "FileData")
    file = camel(data, f"{at}.file_data", frozenset({"mimeType", "fileUri", "displayName"}))
    uri = file.get("fileUri")
    if not isinstance(uri, str) or not uri.startswith("https://") or not model.urls:
        refuse(f"Invalid or unsupported file uri: {uri}")


def _call(value: Any, at: str, model: Model) -> Json:
    if not isinstance(value, dict):
        refuse_value(at, "FunctionCall")
    call = camel(value, at, _CALL if model.ids else _CALL - {"id"})
    if not isinstance(call.get("name"), str) or not isinstance(call.get("args", {}), dict):
        refuse_value(at, "FunctionCall")
    return call


def _result(value: Any, at: str, model: Model) -> Turn:
    if not isinstance(value, dict):
        refuse_value(at, "FunctionResponse")
    response = camel(value, at, _RESPONSE if model.ids else _RESPONSE - {"id"})
    if not isinstance(response.get("name"), str) or not response["name"]:
        refuse(f"* GenerateContentRequest.{at}.name: Name cannot be empty.\n")
    if not isinstance(response.get("response"), dict):
        refuse_value(f"{at}.response", "Struct")
    return Turn("tool", dumps(response["response"]).decode(), tool=response["name"])


def _check_calls(contents: list[list[Json]]) -> None:
    for index, parts in enumerate(contents):
        given = sum("functionResponse" in part for part in parts)
        asked = sum("functionCall" in part for part in contents[index - 1]) if index else 0
        if given and not asked:
            refuse(
                "Please ensure that function response turn comes immediately after a function call turn."
            )
        if asked != given:
            refuse(
                "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn."
            )


def _check_signatures(contents: list[list[Json]]) -> None:
    """The first call of every turn since the user spoke has to bear its signature."""
    spoken = [
        index for index, parts in enumerate(contents)
        if not any("functionResponse" in p or "functionCall" in p for p in parts)
    ]  # fmt: skip
    for index in range(spoken[-1] if spoken else 0, len(contents)):
        calls = [part for part in contents[index] if "functionCall" in part]
        if calls and not calls[0].get("thoughtSignature"):
            refuse(
                f"Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call `default_api:{calls[0]['functionCall']['name']}`, position {index + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
            )
