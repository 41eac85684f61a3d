"""What a caller asks: the body of `POST /api/v1/generate`, validated strictly."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from gateway.conversation import PROMPT_CHARS_MAX, Turn, check_conversation
from gateway.reply_format import ReplyFormat
from providers.messages import Effort, Message, Prompt

STOPS_MAX = 4
"""Texts a reply may end before: OpenAI's own bound, the lowest of the three."""

STOP_CHARS_MAX = 256
"""Longest of them, in characters."""

TaskType = Literal["basic", "premium", "critical"]
Mode = Literal["parallel", "sequential"]
Aggregation = Literal["select", "synthesize"]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=256)]
MetadataText = Annotated[str, StringConstraints(max_length=2_000)]


def _listed(stop: Any) -> Any:
    return [stop] if isinstance(stop, str) else stop


Stops = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=STOP_CHARS_MAX)]],
    Field(min_length=1, max_length=STOPS_MAX),
    BeforeValidator(_listed),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": STOP_CHARS_MAX},
                {
                    "type": "array",
                    "items": {"type": "string", "minLength": 1, "maxLength": STOP_CHARS_MAX},
                    "minItems": 1,
                    "maxItems": STOPS_MAX,
                },
            ]
        }
    ),
]


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
    top_p: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    stop: Stops | None = Field(default=None, description="Texts a reply ends before.")
    reasoning_effort: Effort | None = Field(
        default=None, description="How long models may think, where they can be told."
    )
    response_format: ReplyFormat | None = Field(
        default=None, description="The form of replies; JSON needs `parallel` and `select`."
    )
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2, allow_inf_nan=False)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2, allow_inf_nan=False)
    user_id: Identifier | None = Field(default=None, description="Sticky bucket.")
    session_id: Identifier | None = None
    stream: bool = False
    cache: Literal["use", "refresh", "off"] = "use"
    metadata: Annotated[dict[Identifier, MetadataText], Field(max_length=32)] = Field(
        default_factory=dict, description="Stored with the record, echoed."
    )

    @field_validator("prompt")
    @classmethod
    def _asks_something(cls, prompt: str | None) -> str | None:
        if prompt is not None and not prompt.strip():
            raise ValueError("must not be blank")
        return prompt

    @field_validator("messages")
    @classmethod
    def _is_a_conversation(cls, turns: list[Turn] | None) -> list[Turn] | None:
        if turns is not None:
            check_conversation(turns)
        return turns

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("exactly one of prompt and messages is needed")
        # Only what the caller said can contradict itself: a maximum below the default minimum of two
        # simply lowers it (see `minimum`).
        said = "min_providers" in self.model_fields_set and self.max_providers is not None
        if said and self.min_providers > (self.max_providers or 0):
            raise ValueError("min_providers must not exceed max_providers")
        if self.wants_json and (self.mode == "sequential" or self.aggregation == "synthesize"):
            raise ValueError(
                "response_format of JSON needs mode parallel and aggregation select: later rounds and "
                "merged answers are asked for in prose"
            )
        return self

    @property
    def minimum(self) -> int:
        """The least answers wanted, lowered to an explicit maximum below the default."""
        if self.max_providers is None:
            return self.min_providers
        return min(self.min_providers, self.max_providers)

    @property
    def wants_json(self) -> bool:
        """Whether replies have to be JSON: only first answers can be, one of which is returned."""
        return self.response_format is not None and self.response_format.type != "text"

    @property
    def question(self) -> str:
        """What is asked: the prompt, or the words of the last turn, the user's."""
        if self.messages is None:
            return self.prompt or ""
        return "\n\n".join(self.messages[-1].texts)

    @property
    def texts(self) -> tuple[str, ...]:
        """All that is said, in order, whoever said it."""
        if self.messages is None:
            return (self.prompt or "",)
        return tuple(text for turn in self.messages for text in turn.texts)

    @property
    def images(self) -> tuple[str, ...]:
        """All that is shown, in order: addresses and `data:` URIs."""
        return tuple(image for turn in self.messages or () for image in turn.images)

    def to_prompt(self) -> Prompt:
        """The same in the providers' words."""
        return Prompt(
            tuple(turn.to_message() for turn in self.messages)
            if self.messages is not None
            else (Message("user", self.prompt or ""),),
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            seed=self.seed,
            stop=tuple(self.stop or ()),
            reasoning_effort=self.reasoning_effort,
            format=None if self.response_format is None else self.response_format.to_format(),
            frequency_penalty=self.frequency_penalty,
            presence_penalty=self.presence_penalty,
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
