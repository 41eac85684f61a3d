"""A metric whose labelled children are found at the cost of a dict look-up."""

from __future__ import annotations

from typing import Generic, TypeVar

from prometheus_client.metrics import MetricWrapperBase

_Child = TypeVar("_Child", bound=MetricWrapperBase)


class Family(Generic[_Child]):
    """A metric and its labelled children, found by their values at the cost of a dict look-up.

    ``labels()`` of prometheus-client takes a lock and stringifies each time, which at a dozen
    children a request would be most of the cost.
    """

    def __init__(self, metric: _Child) -> None:
        self._metric = metric
        self._children: dict[tuple[str, ...], _Child] = {}

    def of(self, *values: str) -> _Child:
        """The child with these label values; the metric itself without."""
        child = self._children.get(values)
        if child is None:
            child = self._metric.labels(*values) if values else self._metric
            self._children[values] = child
        return child
