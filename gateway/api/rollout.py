"""The rollout over HTTP: where it stands, and the moves an operator may make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from gateway.api.access import operator
from gateway.api.answers import encode
from gateway.api.bodies import read_body
from gateway.api.openapi import json_body, problems
from gateway.api.rollout_body import rollout_body
from gateway.api.wiring import gateway_of
from gateway.errors import InvalidRequestError
from gateway.guard.auth import Principal
from gateway.requests import OperatorRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.factory import Gateway
    from gateway.rollout.controller import RolloutController
    from gateway.rollout.status import Standing

Operator = Annotated[Principal, Depends(operator)]

router = APIRouter(prefix="/api/v1/rollout", tags=["rollout"])

OPERATOR_BODY_BYTES = 10_000
JSON = "application/json"
BY_HAND = "by hand"
PROBLEMS = problems([400, 401, 403, 409, 413, 422, 503])
FLAGS = ("force", "reopen")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an operator asks. ``by`` is the key's name with the one given beside it, ``key`` the key's alone."""

    by: str
    key: str
    reason: str
    force: bool
    reopen: bool


@dataclass(frozen=True, slots=True)
class Move:
    """One thing an operator may do; ``flag`` is the one of `FLAGS` it takes."""

    summary: str
    description: str
    act: Callable[[RolloutController, Asked], Awaitable[Standing]]
    flag: str | None = None


MOVES = {
    "advance": Move(
        "Go on to the plan's next stage",
        "Refused unless the verdict is ADVANCE. `force` goes on without it, with a `reason`, and never "
        "over CRITICAL.",
        lambda rollout, asked: rollout.advance(asked.by, asked.reason, force=asked.force),
        flag="force",
    ),
    "hold": Move(
        "Stay at this stage",
        "No automatic advance until `resume`. A rollback still happens by itself.",
        lambda rollout, asked: rollout.hold(asked.by, asked.reason),
    ),
    "resume": Move(
        "Let the plan advance by itself again",
        "Ends `hold`.",
        lambda rollout, asked: rollout.resume(asked.by, asked.reason),
    ),
    "approve": Move(
        "Consent to the next stage",
        "A key counts once, whatever name is given with it. Any change of stage and any rollback take "
        "all approvals away.",
        lambda rollout, asked: rollout.approve(
            asked.key, asked.reason if asked.by == asked.key else f"{asked.reason} (as {asked.by})"
        ),
    ),
    "abort": Move(
        "Give the rollout up",
        "All traffic takes the legacy path, and the plan is back at its first stage; stands until "
        "acknowledged.",
        lambda rollout, asked: rollout.abort(asked.by, asked.reason),
    ),
    "rollback": Move(
        "Send all traffic to the legacy path, now",
        "Takes effect here at once and everywhere within a second; stands until acknowledged.",
        lambda rollout, asked: rollout.rollback(asked.by, asked.reason),
    ),
    "acknowledge": Move(
        "Let traffic return after a rollback",
        "Ends the rollback; what was seen before no longer counts. `reopen`: arms that harm has closed "
        "take traffic again, too.",
        lambda rollout, asked: rollout.acknowledge(asked.by, asked.reason, reopen=asked.reopen),
        flag="reopen",
    ),
}


@router.get("", summary="Where the rollout stands", response_model=None)
async def rollout(request: Request) -> Response:
    """Plan, stage and the rule that decides it; arms with figures, verdicts, comparisons; history."""
    return await _status(gateway_of(request))


def _route(move: Move) -> Callable[..., Awaitable[Response]]:
    async def route(request: Request, who: Operator) -> Response:
        said = await read_body(request, OperatorRequest, OPERATOR_BODY_BYTES, optional=True)
        asked = _asked(said, who, move.flag)
        gateway = gateway_of(request)
        await move.act(gateway.rollout, asked)
        return await _status(gateway)

    return route


for _name, _move in MOVES.items():
    router.add_api_route(
        f"/{_name}",
        _route(_move),
        methods=["POST"],
        name=f"rollout_{_name}",
        summary=_move.summary,
        description=_move.description,
        response_model=None,
        responses=PROBLEMS,
        openapi_extra=json_body(OperatorRequest, required=False),
    )


def _asked(said: OperatorRequest, who: Principal, flag: str | None) -> Asked:
    """Whose move it is, and why: the key's, whatever name is given beside it."""
    for name in FLAGS:
        if name != flag and getattr(said, name):
            raise InvalidRequestError(f"{name} means nothing here", field=name)
    if said.force and not (said.reason or "").strip():
        raise InvalidRequestError("force needs a reason: it is kept in the history", field="reason")
    by = f"{said.by} ({who.name})" if said.by else who.name
    return Asked(by, who.name, said.reason or BY_HAND, said.force, said.reopen)


async def _status(gateway: Gateway) -> Response:
    return Response(encode(rollout_body(await gateway.rollout.status())), media_type=JSON)
