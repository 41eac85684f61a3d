"""Health, metrics, models and the rollout: what operators and load balancers ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from gateway.api.access import caller, operator
from gateway.api.answers import encode
from gateway.api.bodies import read_body
from gateway.api.models import model_list
from gateway.api.openapi import PROBLEMS, json_body, problems
from gateway.api.rollout_body import rollout_body
from gateway.api.wiring import gateway_of
from gateway.errors import NotAvailableError, NotFoundError
from gateway.guard.auth import Principal
from gateway.readiness import Readiness, readiness
from gateway.requests import OperatorRequest

if TYPE_CHECKING:
    from gateway.factory import Gateway

Operator = Annotated[Principal, Depends(operator)]

router = APIRouter()

OPERATOR_BODY_BYTES = 10_000
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
    """A summary: version, instance, readiness, rollout, load, learning."""
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
        },
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
    "/v1/models",
    tags=["models"],
    summary="Models, in OpenAI's shape",
    response_model=None,
    dependencies=[Depends(caller)],
    responses=problems([401]),
)
async def models(request: Request) -> Response:
    """`wallbounce`, its task types, and each single provider."""
    return Response(encode(model_list(gateway_of(request).pool)), media_type=JSON)


@router.post(
    "/v1/chat/completions",
    tags=["models"],
    include_in_schema=False,
    response_model=None,
    dependencies=[Depends(caller)],
)
@router.get("/learning/metrics", tags=["health"], include_in_schema=False, response_model=None)
async def not_built() -> Response:
    """In the contract, not in this version."""
    raise NotAvailableError("this version does not offer it yet")


@router.get(
    "/api/v1/rollout", tags=["rollout"], summary="Where the rollout stands", response_model=None
)
async def rollout(request: Request) -> Response:
    """Stage, arms with figures, verdict, history."""
    return await _status(gateway_of(request))


@router.post(
    "/api/v1/rollout/rollback",
    tags=["rollout"],
    summary="Send all traffic to the legacy path, now",
    response_model=None,
    responses=PROBLEMS,
    openapi_extra=json_body(OperatorRequest, required=False),
)
async def rollback(request: Request, who: Operator) -> Response:
    """Takes effect here at once and everywhere within a second; stands until acknowledged."""
    said = await read_body(request, OperatorRequest, OPERATOR_BODY_BYTES, optional=True)
    gateway = gateway_of(request)
    await gateway.rollout.rollback(by=_signed(said, who), reason=said.reason or "by hand")
    return await _status(gateway)


@router.post(
    "/api/v1/rollout/acknowledge",
    tags=["rollout"],
    summary="Let traffic return after a rollback",
    response_model=None,
    responses=PROBLEMS,
    openapi_extra=json_body(OperatorRequest, required=False),
)
async def acknowledge(request: Request, who: Operator) -> Response:
    """Ends the rollback: the share returns to what the environment says."""
    said = await read_body(request, OperatorRequest, OPERATOR_BODY_BYTES, optional=True)
    gateway = gateway_of(request)
    await gateway.rollout.acknowledge(by=_signed(said, who))
    return await _status(gateway)


@router.post(
    "/api/v1/rollout/{move}", tags=["rollout"], include_in_schema=False, response_model=None
)
async def not_built_move(move: str, _: Operator) -> Response:
    """The stage machine's moves are in the contract, not in this version."""
    if move in {"advance", "hold", "resume"}:
        raise NotAvailableError(f"{move} is not offered yet: set SRP_TRAFFIC_PERCENTAGE")
    raise NotFoundError("there is no such move")


def _signed(said: OperatorRequest, who: Principal) -> str:
    """Whose move it was: the key's, whatever name is given beside it."""
    return f"{said.by} ({who.name})" if said.by else who.name


def _readiness(gateway: Gateway) -> Readiness:
    return readiness(gateway.journal, gateway.rollout, gateway.admission, gateway.pool.names)


async def _status(gateway: Gateway) -> Response:
    return Response(encode(rollout_body(await gateway.rollout.status())), media_type=JSON)
