"""Reads a plan from a YAML file (docs/rollout-plans.md), or says line by line what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.rollout.plan_checks import InvalidPlanError
from gateway.rollout.plan_reading import read_plan
from gateway.rollout.presets import PRESET_NAMES, preset_plan

if TYPE_CHECKING:
    from gateway.rollout.plan import RolloutPlan

LARGEST_FILE = 1_000_000
"""Bytes. A plan has a few thousand; whatever is larger is not one."""


class PlanFileError(Exception):
    """The file holds no plan that can be followed; ``lines`` say all that is wrong with it."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


def plan_named(choice: str) -> RolloutPlan:
    """The preset of that name, or the plan in the file at that path.

    Raises:
        PlanFileError: As `load_plan`; the lines name the file.
    """
    if choice in PRESET_NAMES:
        return preset_plan(choice)
    try:
        return load_plan(Path(choice))
    except PlanFileError as error:
        raise PlanFileError(tuple(f"{choice}: {line}" for line in error.lines)) from error


def load_plan(path: Path) -> RolloutPlan:
    """The plan in a YAML file.

    Raises:
        PlanFileError: The file cannot be read, is no YAML, or describes no plan.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise PlanFileError((f"it cannot be read: {error.strerror or error}",)) from error
    if len(content) > LARGEST_FILE:
        raise PlanFileError((f"it is larger than the {LARGEST_FILE} bytes a plan may have",))
    return parse_plan(content)


def parse_plan(content: bytes | str) -> RolloutPlan:
    """The plan a YAML text describes.

    Raises:
        PlanFileError: As `load_plan`.
    """
    try:
        return read_plan(_document(content))
    except InvalidPlanError as error:
        raise PlanFileError(tuple(map(str, error.problems))) from error


def _document(content: bytes | str) -> Any:
    import yaml  # noqa: PLC0415 - most gateways follow no plan of their own, and it takes 20 ms

    class Loader(yaml.SafeLoader):
        """Refuses a key that is there twice: the one above would silently mean nothing."""

    def mapping(loader: Loader, node: yaml.MappingNode) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            wrong = "a key has to be a text" if not isinstance(key, yaml.ScalarNode) else None
            if wrong is None and key.value in seen:
                wrong = f"the key {key.value!r} is there twice"
            if wrong is not None:
                raise yaml.constructor.ConstructorError(None, None, wrong, key.start_mark)
            seen.add(key.value)
        return loader.construct_mapping(node, deep=True)

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    try:
        return yaml.load(content, Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        at = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise PlanFileError((f"{at}{error.problem or 'it is no YAML'}",)) from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        words = str(error).strip().splitlines()
        raise PlanFileError((f"it is no YAML: {words[0] if words else error!r}",)) from error
