"""What `/openapi.json` says of the face, which no router knows."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from gateway.api.openai.parameters import ChatRequest

TEMPLATE = "#/components/schemas/{model}"


class OpenAIError(BaseModel):
    """An error as OpenAI words it."""

    message: str
    type: str
    param: str | None
    code: str | None
    wallbounce: dict[str, Any]


class OpenAIErrorBody(BaseModel):
    """The body of every error under `/v1`."""

    error: OpenAIError


def describe_face(schema: dict[str, Any]) -> None:
    """Add the face's paths and schemas to the application's description."""
    schemas = schema["components"]["schemas"]
    for model in (ChatRequest, OpenAIErrorBody):
        own = model.model_json_schema(ref_template=TEMPLATE)
        schemas |= own.pop("$defs", {})
        schemas[model.__name__] = own
    schema["paths"] |= {
        "/v1/chat/completions": {
            "post": {
                "tags": ["openai"],
                "summary": "A chat completion, in OpenAI's shapes",
                "description": "Of one provider (`gpt`, `claude`, `gemini` …), or of several "
                "(`wallbounce`, `wallbounce-basic`, `-premium`, `-critical`). With `stream`, "
                "`chat.completion.chunk` events that end in `[DONE]`.",
                "operationId": "chat_completions",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": _ref("ChatRequest")}},
                },
                "responses": {"200": _completion()}
                | _errors(400, 401, 404, 413, 429, 502, 503, 504),
            }
        },
        "/v1/models": {
            "get": {
                "tags": ["openai"],
                "summary": "Models, in OpenAI's shape",
                "operationId": "models",
                "responses": {"200": _json("The models on offer.")} | _errors(401),
            }
        },
        "/v1/models/{model}": {
            "get": {
                "tags": ["openai"],
                "summary": "One model, in OpenAI's shape",
                "operationId": "model",
                "parameters": [
                    {
                        "name": "model",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string"},
                    }
                ],
                "responses": {"200": _json("The model.")} | _errors(401, 404),
            }
        },
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": TEMPLATE.format(model=name)}


def _json(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }


def _completion() -> dict[str, Any]:
    events = {"schema": {"type": "string", "description": "`chat.completion.chunk` events."}}
    told = _json("A `chat.completion`; our own figures stand under `wallbounce`.")
    told["content"]["text/event-stream"] = events
    return told


def _errors(*statuses: int) -> dict[str, Any]:
    body = {"application/json": {"schema": _ref("OpenAIErrorBody")}}
    return {
        str(s): {"description": "An error in OpenAI's shape.", "content": body} for s in statuses
    }
