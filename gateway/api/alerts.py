"""The alerts: what is wrong now, the rules, and the channels without their URLs."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.api.alerts_body import alerts_body
from gateway.api.answers import encode
from gateway.api.wiring import gateway_of

router = APIRouter()


@router.get("/api/v1/alerts", tags=["alerts"], summary="What is wrong now", response_model=None)
async def alerts(request: Request) -> Response:
    """Alerts that fire or are about to, the rules, the channels; of this process."""
    body = alerts_body(gateway_of(request).alerts.status())
    return Response(encode(body), media_type="application/json")
