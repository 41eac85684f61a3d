"""Health and metrics: what operators and load balancers ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.api.answers import encode
from gateway.api.wiring import gateway_of
from gateway.monitoring.endpoint_metrics import as_json
from gateway.readiness import Readiness, readiness

if TYPE_CHECKING:
    from gateway.factory import Gateway

router = APIRouter()

JSON = "application/json"
READY, NOT_READY = 200, 503


@router.get("/health/live", tags=["health"], summary="The process runs")
async def live() -> dict[str, str]:
    """Nothing is looked at: restarting helps only a process that cannot even say this."""
    return {"status": "alive"}


@router.get("/health/ready", tags=["health"], summary="The process can answer", response_model=None)
async def ready(request: Request) -> Response:
    """200, or 503, with each dependency's state; vendors are never called."""
    report = _readiness(gateway_of(request))
    return Response(encode(report.as_dict()), READY if report.ready else NOT_READY, media_type=JSON)


@router.get("/health", tags=["health"], summary="How it goes, for people", response_model=None)
async def health(request: Request) -> Response:
    """A summary: version, instance, readiness, rollout, load, learning, vendors' endpoints."""
    gateway = gateway_of(request)
    report = _readiness(gateway)
    standing = gateway.rollout.standing
    body: dict[str, Any] = {
        "status": "ok" if report.ready else "degraded",
        "version": gateway.version,
        "instance": gateway.instance,
        "providers": list(gateway.pool.names),
        "requests_in_flight": gateway.admission.in_flight,
        "rollout": {
            "stage": standing.stage,
            "share": standing.share,
            "tripped": standing.tripped,
        },
        "learning": {
            "enabled": gateway.teacher is not None,
            "lessons": 0 if gateway.teacher is None else gateway.teacher.lessons,
            "policy": 0 if gateway.policies is None else gateway.policies.version,
            "frozen": gateway.policies is not None and gateway.policies.frozen,
        },
        "endpoints": as_json(gateway.pool.figures()),
        **report.as_dict(),
    }
    return Response(encode(body), media_type=JSON)


@router.get("/metrics", tags=["health"], summary="Prometheus metrics", response_model=None)
async def metrics(request: Request) -> Response:
    """All metrics in Prometheus's text format."""
    accept = request.headers.get("accept", "")
    body, content_type = gateway_of(request).metrics.render(accept)
    return Response(body, media_type=content_type)


@router.get(
    "/learning/metrics",
    tags=["health"],
    summary="The learning engine's metrics",
    response_model=None,
)
async def learning_metrics(request: Request) -> Response:
    """What `/metrics` says of learning, in Prometheus's text format; JSON for an ``Accept`` that names it."""
    accept = request.headers.get("accept", "")
    body, content_type = gateway_of(request).metrics.render_learning(accept)
    return Response(body, media_type=content_type)


def _readiness(gateway: Gateway) -> Readiness:
    return readiness(gateway.journal, gateway.rollout, gateway.admission, gateway.pool.names)
