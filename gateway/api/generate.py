"""`POST /api/v1/generate` and `POST /api/v1/feedback`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from gateway.api.access import admit_caller, caller
from gateway.api.answers import GenerateResponse, encode, headers, to_wire
from gateway.api.bodies import read_body
from gateway.api.hang_up import WhileThere
from gateway.api.openapi import PROBLEMS, json_body
from gateway.api.stream import EventStream
from gateway.api.wiring import gateway_of
from gateway.errors import GatewayError
from gateway.requests import FeedbackRequest, GenerateRequest
from learning.records import Feedback

router = APIRouter(prefix="/api/v1", tags=["generate"])

JSON = "application/json"


@router.post(
    "/generate",
    summary="Ask several vendors, get one answer",
    response_model=None,
    responses={200: {"model": GenerateResponse}, **PROBLEMS},
    openapi_extra=json_body(GenerateRequest),
)
async def generate(request: Request) -> Response:
    """One answer with its votes and confidence; with `stream`, as server-sent events."""
    gateway = gateway_of(request)
    request_id = request.state.request_id
    try:
        admit_caller(request)
        asked = await read_body(request, GenerateRequest, gateway.settings.server.max_body_bytes)
    except GatewayError as error:
        gateway.pipeline.reject(request_id, error)
        raise
    if asked.stream:
        return EventStream(
            request_id, lambda emit: gateway.pipeline.answer(asked, request_id, emit)
        )
    async with WhileThere(request.receive):
        answer = await gateway.pipeline.answer(asked, request_id)
    return Response(encode(to_wire(answer)), media_type=JSON, headers=headers(answer))


@router.post(
    "/feedback",
    status_code=202,
    dependencies=[Depends(caller)],
    summary="Say whether an answer was right",
    response_model=None,
    responses=PROBLEMS,
    openapi_extra=json_body(FeedbackRequest),
)
async def feedback(request: Request) -> Response:
    """Labels feed calibration, weights and learning."""
    gateway = gateway_of(request)
    said = await read_body(request, FeedbackRequest, gateway.settings.server.max_body_bytes)
    await gateway.feedback.take(
        Feedback(said.request_id, datetime.now(UTC), said.correct, said.rating, said.comment)
    )
    body: dict[str, Any] = {"request_id": said.request_id, "accepted": True}
    return Response(encode(body), status_code=202, media_type=JSON)
