"""The policy document: weights, calibration, what they were fitted on and how well they do. Pure.

A document never changes once it has a version; what is in force is told by moves beside it. Whatever
speaks of a document speaks of its canonical text: JSON in ASCII, keys sorted, no spaces. Its SHA-256 is
the document's digest, so that two places can see whether they mean the same.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_serializer,
    model_validator,
)

from learning.policy.errors import UnreadablePolicyError

if TYPE_CHECKING:
    from typing import Self

FORMAT: Literal[1] = 1
"""Of the document. A program refuses any other than its own."""

MOST_NAMES = 10_000
"""Entries of one mapping at most: a document is read by every process."""

Name = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[str, Field(max_length=2_000)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Weight = Annotated[float, Field(ge=0.0)]
Count = Annotated[int, Field(ge=0)]


class Part(BaseModel):
    """A part of the document: frozen, nothing unknown in it, nothing taken for what it is not."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Figure(Part):
    """A figure with the interval it lies in, as far as one is known.

    Attributes:
        value: The figure; its unit goes with its name (`PolicyDocument.figures`).
        low: Lower end of its 95 % interval.
        high: Upper end.
        n: Requests it was counted over.
    """

    value: float
    low: float | None = None
    high: float | None = None
    n: Count | None = None

    @model_validator(mode="after")
    def _ends_are_in_order(self) -> Self:
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if low > high:
            raise ValueError("its interval ends before it begins")
        return self


class ModelPart(Part):
    """One of the models of trust that are averaged, as `consensus.trust.parameters` has it.

    Attributes:
        share: What it counts for among them.
        general: By the names of `consensus.trust.parameters.GENERAL`, all of them.
        providers: By provider, what its vote counts more or less, in log odds.
        providers_by_kind: The same by provider and kind of question.
        kinds: By kind of question, what is added to the log odds of no answer being right.
        lessons: By kind, the labelled requests behind it.
    """

    share: Annotated[float, Field(gt=0.0, le=1.0)]
    general: dict[Name, float]
    providers: Annotated[dict[Name, float], Field(max_length=MOST_NAMES)] = {}
    providers_by_kind: Annotated[dict[Name, dict[Name, float]], Field(max_length=MOST_NAMES)] = {}
    kinds: Annotated[dict[Name, float], Field(max_length=MOST_NAMES)] = {}
    lessons: Annotated[dict[Name, Count], Field(max_length=MOST_NAMES)] = {}


class Calibration(Part):
    """What turns answers into a confidence.

    Attributes:
        prior: Digest of the shipped prior it grew from (`learning.policy.models.prior_digest`).
        frozen: While this policy is in force ``model`` judges, and labels change nothing in service.
            False: gateways go on learning from labels, and ``model`` is a picture of the day.
        half_life: Labels after which one counted half when it was fitted.
        model: The parameters; empty for the shipped prior itself.
    """

    prior: Digest
    frozen: bool = False
    half_life: Annotated[float, Field(gt=0.0)] | None = None
    model: Annotated[tuple[ModelPart, ...], Field(max_length=64)] = ()


class Weights(Part):
    """What counts how much.

    Attributes:
        providers: By kind of question, what each provider's vote counts; 1 is the prior's. Read off
            ``calibration.model``, for people and comparisons.
        layers: By layer of the index (`learning.index.layer_weights`), together 1; empty leaves those
            of the program, or what an instance has learned.
    """

    providers: Annotated[dict[Name, dict[Name, Weight]], Field(max_length=MOST_NAMES)] = {}
    layers: Annotated[dict[Name, Share], Field(max_length=64)] = {}


class FittedOn(Part):
    """What it was learned from.

    Attributes:
        labels: Labelled requests.
        patterns: Patterns there were.
        first_at: When the first of the labelled requests came in.
        last_at: When the last did.
        datasets: SHA-256 by name: ``labels`` of those labels, others of recordings.
    """

    labels: Count = 0
    patterns: Count = 0
    first_at: AwareDatetime | None = None
    last_at: AwareDatetime | None = None
    datasets: Annotated[dict[Name, Digest], Field(max_length=MOST_NAMES)] = {}

    @field_serializer("first_at", "last_at")
    def _in_utc(self, at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(UTC).isoformat()

    @model_validator(mode="after")
    def _ends_are_in_order(self) -> Self:
        if self.first_at and self.last_at and self.first_at > self.last_at:
            raise ValueError("first_at is after last_at")
        return self


class PolicyDocument(Part):
    """All of a policy.

    Attributes:
        format: `FORMAT`.
        version: Its number in the store, from 1.
        created_at: When, UTC.
        created_by: By whom.
        program: Version of the program that made it: constants that are not in here are the program's.
        note: Why, in words.
        weights: See there.
        advice: What the environment let advice do when it was made, such as ``steering``: told for
            comparison. The environment decides that, never a policy.
        calibration: See there.
        fitted_on: See there.
        figures: How well it does. ``accuracy``, ``brier``, ``calibration_error``, ``lift``,
            ``over_consensus``, ``calls_saved``, ``accuracy_change`` are fractions of 1, ``cost_usd`` is
            dollars a request, ``cost_ratio`` a ratio.
    """

    format: Literal[1]
    version: Annotated[int, Field(ge=1)]
    created_at: AwareDatetime
    created_by: Name
    program: Name
    note: Words = ""
    weights: Weights
    advice: Annotated[dict[Name, bool | int | float | str], Field(max_length=256)] = {}
    calibration: Calibration
    fitted_on: FittedOn
    figures: Annotated[dict[Name, Figure], Field(max_length=256)] = {}

    @field_serializer("created_at")
    def _in_utc(self, at: datetime) -> str:
        return at.astimezone(UTC).isoformat()

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return self.model_dump(mode="json")

    @property
    def text(self) -> str:
        """The canonical text; `read_policy` reads it back."""
        return canonical(self.as_json())

    @property
    def digest(self) -> str:
        """SHA-256 of `text`, in hexadecimal."""
        return digest_of(self.text)


def canonical(value: Any) -> str:
    """JSON in one form only: ASCII, keys sorted, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_of(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_policy(text: str | bytes) -> PolicyDocument:
    """The document a JSON text holds.

    Raises:
        UnreadablePolicyError: It holds none; ``problems`` are all that is wrong.
    """
    try:
        return PolicyDocument.model_validate_json(text)
    except ValidationError as error:
        raise UnreadablePolicyError(problems_of(error)) from None


def problems_of(error: ValidationError) -> tuple[str, ...]:
    """What is wrong with a document, each led by its path."""
    return tuple(f"{_path(each['loc'])}{each['msg']}" for each in error.errors())


def _path(where: tuple[int | str, ...]) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
    return f"{path.lstrip('.')}: " if path else ""
