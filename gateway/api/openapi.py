"""What `/openapi.json` says of bodies and problems, where FastAPI cannot read it off a signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from gateway.problem_types import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterable


class ProviderProblem(BaseModel):
    """One vendor's part in a request nobody answered."""

    provider: str
    vendor: str
    model: str
    round: int
    error: dict[str, str | bool]


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description=", ".join(TITLES))
    request_id: str
    field: str | None = Field(default=None, description="The field at fault, where there is one.")
    providers: list[ProviderProblem] | None = Field(
        default=None, description="Each vendor's error, when none answered."
    )


def problems(statuses: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    """Response descriptions of error statuses, each with its codes."""
    described: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        codes = [code for code, (number, _) in TITLES.items() if number == status]
        described[status] = {
            "description": ", ".join(codes),
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
    return described


PROBLEMS = problems([400, 401, 403, 404, 413, 422, 503, 504])


def json_body(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """The request body of a route that reads its body itself."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {
        "requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}
    }


def nested_schemas(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    """The schemas those bodies refer to, and Problem."""
    template = "#/components/schemas/{model}"
    schemas: dict[str, Any] = {}
    for model in models:
        schemas |= model.model_json_schema(ref_template=template).get("$defs", {})
    problem = Problem.model_json_schema(ref_template=template)
    schemas |= problem.pop("$defs", {})
    return schemas | {"Problem": problem}
