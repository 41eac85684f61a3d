"""The body of `POST /v1/chat/completions`: every parameter of OpenAI's reference, and one of ours.

Source: platform.openai.com/docs/api-reference/chat/create, as openai-python 2.54 types it. The types are
checked here; what they mean together, and what is not offered, in `gateway.api.openai.meaning`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.requests import Aggregation, Identifier, Mode
from providers.messages import Effort

_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Penalty = Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class ImageAddress(BaseModel):
    """An image by `https` address, or as a `data:` URI."""

    model_config = _STRICT

    url: str
    detail: Literal["auto", "low", "high"] | None = None


class ContentPart(BaseModel):
    """A piece of a turn: a text, an image, or a refusal of the assistant's."""

    model_config = _STRICT

    type: str
    text: str | None = None
    image_url: ImageAddress | None = None
    refusal: str | None = None
    input_audio: Any = None
    file: Any = None
    prompt_cache_breakpoint: Any = None


class CalledFunction(BaseModel):
    """The function an assistant called, its arguments as JSON text.

    OpenAI's client sends its own reading of them along when its messages are appended as they are.
    """

    model_config = _STRICT

    name: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    arguments: str
    parsed_arguments: Any = None


class CalledTool(BaseModel):
    """A call within an assistant's turn; ``extra_content`` as Google's own face gives and takes it."""

    model_config = _STRICT

    id: Annotated[str, StringConstraints(min_length=1, max_length=1_024)]
    type: str = "function"
    function: CalledFunction | None = None
    custom: Any = None
    index: int | None = None  # clients that gather a stream's pieces leave it in
    extra_content: dict[str, Any] | None = None


class ChatMessage(BaseModel):
    """One turn of the conversation. ``parsed`` and ``annotations`` come with the client's own messages."""

    model_config = _STRICT

    role: Literal["developer", "system", "user", "assistant", "tool", "function"]
    content: str | list[ContentPart] | None = None
    name: str | None = None
    refusal: str | None = None
    tool_calls: list[CalledTool] | None = None
    tool_call_id: str | None = None
    function_call: Any = None
    audio: Any = None
    annotations: list[Any] | None = None
    parsed: Any = None


class FunctionOnOffer(BaseModel):
    """A function the model may call; ``parameters`` is a JSON schema."""

    model_config = _STRICT

    name: Name
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class ToolOnOffer(BaseModel):
    """A tool the model may use: a function."""

    model_config = _STRICT

    type: str
    function: FunctionOnOffer | None = None
    custom: Any = None


class ChosenFunction(BaseModel):
    """The one function to call."""

    model_config = _STRICT

    name: str


class ToolChosen(BaseModel):
    """Which tool is to be used."""

    model_config = _STRICT

    type: str
    function: ChosenFunction | None = None
    allowed_tools: Any = None
    custom: Any = None


class ReplySchema(BaseModel):
    """The shape of a reply that is JSON."""

    model_config = _STRICT

    name: Name
    description: str | None = None
    # Under another name, for `schema` is a method of pydantic's models.
    shape: dict[str, Any] | None = Field(default=None, alias="schema")
    strict: bool | None = None


class ReplyForm(BaseModel):
    """Whether a reply is a text, JSON, or JSON of a shape."""

    model_config = _STRICT

    type: Literal["text", "json_object", "json_schema"]
    json_schema: ReplySchema | None = None


class StreamOptions(BaseModel):
    """What a stream holds besides the reply."""

    model_config = _STRICT

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class Wishes(BaseModel):
    """Our own part of the body: how several vendors are asked, as in `POST /api/v1/generate`."""

    model_config = _STRICT

    mode: Mode | None = None
    depth: int | None = None
    aggregation: Aggregation | None = None
    providers: list[Identifier] | None = None
    min_providers: int | None = None
    max_providers: int | None = None
    budget_usd: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] | None = None
    timeout_ms: Annotated[int, Field(ge=100, le=600_000)] | None = None
    session_id: Identifier | None = None
    cache: Literal["use", "refresh", "off"] | None = None


class ChatRequest(BaseModel):
    """One chat completion. Unknown parameters are refused, as OpenAI refuses them."""

    model_config = _STRICT

    model: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    audio: Any = None
    frequency_penalty: Penalty | None = None
    function_call: Any = None
    functions: Any = None
    logit_bias: dict[str, Any] | None = None
    logprobs: bool | None = None
    max_completion_tokens: Count | None = None
    max_tokens: Count | None = None
    metadata: (
        Annotated[
            dict[
                Annotated[str, StringConstraints(min_length=1, max_length=64)],
                Annotated[str, StringConstraints(max_length=512)],
            ],
            Field(max_length=16),
        ]
        | None
    ) = None
    modalities: list[str] | None = None
    moderation: Any = None
    n: int | None = None
    parallel_tool_calls: bool | None = None
    prediction: Any = None
    presence_penalty: Penalty | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: Any = None
    prompt_cache_retention: str | None = None
    reasoning_effort: Effort | None = None
    response_format: ReplyForm | None = None
    safety_identifier: Identifier | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    service_tier: str | None = None
    stop: str | list[str] | None = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    tool_choice: Literal["none", "auto", "required"] | ToolChosen | None = None
    tools: list[ToolOnOffer] | None = None
    top_logprobs: int | None = None
    top_p: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    user: Annotated[str, StringConstraints(max_length=256)] | None = None
    verbosity: str | None = None
    wallbounce: Wishes | None = Field(default=None, description="Ours: how vendors are asked.")
    web_search_options: Any = None
