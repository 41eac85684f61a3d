"""Which models of a recorded set answer together, in the roles of the three providers."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import yaml

from learning.backtest.records import EvaluationDataError

if TYPE_CHECKING:
    from collections.abc import Sequence

SEATS: Final = (("gpt", "openai"), ("claude", "anthropic"), ("gemini", "google"))
"""Provider and vendor of each role, in the order they are asked; any model may sit there."""


@dataclass(frozen=True, slots=True)
class Role:
    """One row of an evaluation: the models of set ``dataset`` that answer together, one a seat."""

    name: str
    dataset: str
    models: tuple[str, ...]


def parse_roles(text: str, source: str) -> tuple[Role, ...]:
    """The rows that a YAML document describes, in its order.

    ``NAME: [three models]``, the set being the name or its first word, or
    ``NAME: {set: SET, models: [three models]}``.

    Args:
        text: The document.
        source: What errors call it.

    Raises:
        EvaluationDataError: It is no YAML, or not of that form.
    """
    try:
        document = yaml.load(text, Loader=_OnceEach)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError) as e:
        raise EvaluationDataError(f"{source}: not YAML: {e}") from e
    if not isinstance(document, dict) or not document:
        raise EvaluationDataError(f"{source}: must say `NAME: [three models]`, one a row")
    return tuple(_role(str(name), row, source) for name, row in document.items())


def default_roles() -> tuple[Role, ...]:
    """The rows that come with the program."""
    text = (files(__package__) / "data" / "roles.yaml").read_text(encoding="utf-8")
    return parse_roles(text, "the default roles")


def chosen(roles: Sequence[Role], wanted: Sequence[str]) -> tuple[Role, ...]:
    """The rows whose name or set is ``wanted``; all where nothing is."""
    return tuple(r for r in roles if not wanted or r.name in wanted or r.dataset in wanted)


class _OnceEach(yaml.SafeLoader):
    """Plain YAML, but a name that is there twice is an error instead of the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping of ``node``."""
        built = super().construct_mapping(node, deep=deep)
        if len(built) < len(node.value):
            raise yaml.constructor.ConstructorError(
                None, None, "a name is there twice", node.start_mark
            )
        return built


def _role(name: str, row: object, source: str) -> Role:
    where = f"{source}: {name}"
    dataset: object = (name.split() or [""])[0]
    models = row
    if isinstance(row, dict):
        if row.keys() - {"set", "models"}:
            raise EvaluationDataError(f"{where}: knows only `set` and `models`")
        dataset, models = row.get("set", dataset), row.get("models")
    if not isinstance(dataset, str) or not dataset:
        raise EvaluationDataError(f"{where}: `set` must be the name of a set")
    if not isinstance(models, list) or not all(isinstance(m, str) and m for m in models):
        raise EvaluationDataError(f"{where}: the models must be a list of names")
    if len(models) != len(SEATS) or len(set(models)) != len(models):
        raise EvaluationDataError(f"{where}: must name {len(SEATS)} different models")
    return Role(name, dataset, tuple(models))
