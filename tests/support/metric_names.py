"""The names that a gateway's `/metrics` may show, taken from its own registry."""

from __future__ import annotations

import re

from prometheus_client import CollectorRegistry

from gateway.monitoring.metrics import Metrics

_FAMILY = re.compile(r"^# TYPE (?P<name>\S+) (?P<kind>\S+)$", re.MULTILINE)
_HISTOGRAM_SERIES = ("_bucket", "_sum", "_count")


def metric_names() -> frozenset[str]:
    """Every series name, those of histograms in their three forms."""
    body, _ = Metrics(CollectorRegistry(), monotonic=lambda: 0.0).render()
    names = set()
    for family in _FAMILY.finditer(body.decode()):
        suffixes = _HISTOGRAM_SERIES if family["kind"] == "histogram" else ("",)
        names |= {family["name"] + suffix for suffix in suffixes}
    return frozenset(names)
