"""The form a caller wants replies in: OpenAI's `response_format` (Chat Completions)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from providers.messages import JsonFormat

SCHEMA_CHARS_MAX = 120_000
"""Longest schema, in characters of its JSON (OpenAI, "Structured outputs": names and values in all)."""

_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


class JsonSchema(BaseModel):
    """The shape of a reply. Vendors differ in the keywords they take, and refuse the others."""

    model_config = _STRICT | ConfigDict(serialize_by_alias=True)

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    # Under another name, for `schema` is a method of pydantic's models.
    shape: Annotated[dict[str, Any], Field(min_length=1)] | None = Field(
        default=None, alias="schema", description="A JSON schema."
    )
    strict: bool | None = None
    description: Annotated[str, StringConstraints(max_length=2_000)] | None = None

    @field_validator("shape")
    @classmethod
    def _is_bounded(cls, shape: dict[str, Any] | None) -> dict[str, Any] | None:
        if shape is None:
            return None
        try:
            written = orjson.dumps(shape)
        except orjson.JSONEncodeError as error:  # pydantic takes it for a bug of ours
            raise ValueError(f"cannot be sent as JSON: {error}") from None
        if len(written.decode()) > SCHEMA_CHARS_MAX:
            raise ValueError(f"must hold at most {SCHEMA_CHARS_MAX} characters")
        return shape


class TextFormat(BaseModel):
    """As models write."""

    model_config = _STRICT

    type: Literal["text"]

    def to_format(self) -> JsonFormat | None:
        """The same in the providers' words: no wish."""
        return None


class JsonObjectFormat(BaseModel):
    """Some JSON object. OpenAI wants the prompt to ask for JSON in words, too."""

    model_config = _STRICT

    type: Literal["json_object"]

    def to_format(self) -> JsonFormat | None:
        """The same in the providers' words."""
        return JsonFormat()


class JsonSchemaFormat(BaseModel):
    """JSON of one shape."""

    model_config = _STRICT

    type: Literal["json_schema"]
    json_schema: JsonSchema

    def to_format(self) -> JsonFormat | None:
        """The same in the providers' words."""
        said = self.json_schema
        return JsonFormat(said.shape, said.name, said.description, said.strict)


ReplyFormat = Annotated[
    TextFormat | JsonObjectFormat | JsonSchemaFormat, Field(discriminator="type")
]
