"""Reads recorded traffic from a file of JSON lines, such as another gateway's access log gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import click
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from gateway.rollout.observation import Label, Observation

Rate = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1)]


class RecordedRequest(BaseModel):
    """One request. ``correct``: what was said of its answer, known when it ended."""

    model_config = ConfigDict(extra="forbid")

    at: AwareDatetime
    arm: Name
    latency_ms: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    error: bool = False
    share: Rate = 0.0
    cost_usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    confidence: Rate | None = None
    caller: str | None = None
    correct: bool | None = None
    request_id: Name | None = None
    all_down: bool = False

    def observation(self, number: int) -> Observation:
        """The same as a judge sees it."""
        return Observation(
            request_id=self.request_id or f"line-{number}",
            at=self.at.astimezone(UTC),
            arm=self.arm,
            share=self.share,
            measured=True,
            error=self.error,
            latency_ms=self.latency_ms,
            cost_usd=self.cost_usd,
            confidence=self.confidence,
            caller=self.caller,
            all_down=self.all_down,
            alive=not self.all_down,
        )


Records = tuple[list[Observation], list[tuple[datetime, Label]]]


def read_records(path: str) -> Records:
    """Requests in the order in which they came in, and labels in theirs.

    Raises:
        click.ClickException: the file cannot be read, or a line is no request.
    """
    observations: list[Observation] = []
    labels: list[tuple[datetime, Label]] = []
    try:
        with Path(path).open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    _take(line, number, path, observations, labels)
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{path} cannot be read: {error}") from None
    observations.sort(key=lambda seen: seen.at)
    labels.sort(key=lambda said: said[0])
    return observations, labels


def _take(
    line: str,
    number: int,
    path: str,
    observations: list[Observation],
    labels: list[tuple[datetime, Label]],
) -> None:
    try:
        read = RecordedRequest.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        said = f"{where}: {first['msg']}" if where else first["msg"]
        raise click.ClickException(f"{path}, line {number}: {said}") from None
    seen = read.observation(number)
    observations.append(seen)
    if read.correct is not None:
        ended = seen.at + timedelta(milliseconds=seen.latency_ms)
        labels.append(
            (
                ended,
                Label(seen.request_id, seen.arm, seen.at, correct=read.correct, caller=seen.caller),
            )
        )
