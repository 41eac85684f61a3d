"""What a caller asks: the body of `POST /api/v1/generate`, validated strictly."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from providers.messages import Message, Prompt

PROMPT_CHARS_MAX = 200_000
"""Longest prompt, and longest conversation, in characters (API.md)."""

TaskType = Literal["basic", "premium", "critical"]
Mode = Literal["parallel", "sequential"]
Aggregation = Literal["select", "synthesize"]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=256)]
MetadataText = Annotated[str, StringConstraints(max_length=2_000)]


class Turn(BaseModel):
    """One turn of a conversation."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    role: Literal["system", "user", "assistant"]
    content: Annotated[str, StringConstraints(min_length=1, max_length=PROMPT_CHARS_MAX)]


class GenerateRequest(BaseModel):
    """One question, and how it is to be answered. Unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    prompt: Annotated[str, StringConstraints(min_length=1, max_length=PROMPT_CHARS_MAX)] | None = (
        Field(default=None, description="The question; exactly one of `prompt` and `messages`.")
    )
    messages: Annotated[list[Turn], Field(min_length=1, max_length=1_000)] | None = Field(
        default=None, description="The conversation so far, ending with the user's turn."
    )
    task_type: TaskType = Field(default="basic", description="Which vendors are asked.")
    mode: Mode = "parallel"
    depth: int = Field(default=3, ge=3, le=5, description="Rounds at most in sequential mode.")
    min_providers: int = Field(default=2, ge=1, le=8)
    max_providers: int | None = Field(default=None, ge=1, le=8)
    providers: Annotated[list[Identifier], Field(min_length=1, max_length=8)] | None = Field(
        default=None, description="Overrides the selection."
    )
    aggregation: Aggregation = "select"
    budget_usd: float | None = Field(
        default=None, gt=0, le=1_000_000, allow_inf_nan=False, description="Never exceeded."
    )
    timeout_ms: int = Field(default=60_000, ge=100, le=600_000)
    max_tokens: int | None = Field(default=None, ge=1, le=1_000_000)
    temperature: float | None = Field(default=None, ge=0, le=2, allow_inf_nan=False)
    user_id: Identifier | None = Field(default=None, description="Sticky bucket.")
    session_id: Identifier | None = None
    stream: bool = False
    cache: Literal["use", "refresh", "off"] = "use"
    metadata: Annotated[dict[Identifier, MetadataText], Field(max_length=32)] = Field(
        default_factory=dict, description="Stored with the record, echoed."
    )

    @field_validator("prompt", "messages")
    @classmethod
    def _says_something(cls, value: str | list[Turn] | None) -> str | list[Turn] | None:
        texts = [value] if isinstance(value, str) else [turn.content for turn in value or ()]
        if any(not text.strip() for text in texts):
            raise ValueError("must not be blank")
        if sum(map(len, texts)) > PROMPT_CHARS_MAX:
            raise ValueError(f"must hold at most {PROMPT_CHARS_MAX} characters in all")
        if isinstance(value, list) and value[-1].role != "user":
            raise ValueError("must end with a turn of the user")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("exactly one of prompt and messages is needed")
        # Only what the caller said can contradict itself: a maximum below the default minimum of two
        # simply lowers it (see `minimum`).
        said = "min_providers" in self.model_fields_set and self.max_providers is not None
        if said and self.min_providers > (self.max_providers or 0):
            raise ValueError("min_providers must not exceed max_providers")
        return self

    @property
    def minimum(self) -> int:
        """The least answers wanted, lowered to an explicit maximum below the default."""
        if self.max_providers is None:
            return self.min_providers
        return min(self.min_providers, self.max_providers)

    def to_prompt(self) -> Prompt:
        """The same in the providers' words."""
        turns = self.messages or [Turn(role="user", content=self.prompt or "")]
        return Prompt(
            tuple(Message(t.role, t.content) for t in turns),
            max_tokens=self.max_tokens,
            temperature=self.temperature,
        )


class FeedbackRequest(BaseModel):
    """What a caller says of an answer; at least one of the three."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    request_id: Identifier
    correct: bool | None = None
    rating: int | None = Field(default=None, ge=1, le=5)
    comment: Annotated[str, StringConstraints(max_length=10_000)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.correct is None and self.rating is None and not (self.comment or "").strip():
            raise ValueError("at least one of correct, rating and comment is needed")
        return self


class OperatorRequest(BaseModel):
    """Why an operator steps in."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    reason: Annotated[str, StringConstraints(max_length=2_000)] | None = Field(
        default=None, description="Kept in the history."
    )
    by: Identifier | None = Field(
        default=None, description="Your name; the key's is kept beside it."
    )
    force: bool = Field(
        default=False,
        description="Of `advance` alone: go on before the verdict says so. Needs a reason; never goes over CRITICAL.",
    )
    reopen: bool = Field(
        default=False,
        description="Of `acknowledge` alone: arms that harm has closed take traffic again, too.",
    )
