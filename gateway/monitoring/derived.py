"""Derives averages, rates and quantiles from sums that may be added up over worker processes.

An average of averages is wrong as soon as workers see different traffic, so workers publish sums
and whoever is scraped divides. A figure without data is left out: no sample is not a zero.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client.metrics_core import Metric

    from gateway.monitoring.rolling import Key

WINDOW_TEXT = "over the last 5 minutes"

ARMLESS = frozenset({"none", "single"})
"""Labels of requests that use no feature: refused ones, and those that asked one provider alone."""

LATENCY_BINS_PER_DOUBLING = 16
"""Bins grow by 4.4 %, so a quantile read from them is within 2.2 % of a latency that was met."""

_QUANTILE = 0.95
_SEARCH_QUANTILE = 0.99
"""A request waits for its search: the slow ones are felt."""

_SHORTEST_MS = 0.1


def latency_bin(latency_ms: float) -> int:
    """The bin of a latency; bin b ends at 2 ** (b / LATENCY_BINS_PER_DOUBLING) ms."""
    return math.ceil(math.log2(max(latency_ms, _SHORTEST_MS)) * LATENCY_BINS_PER_DOUBLING)


def latency_of(number: int) -> float:
    """The geometric middle of a bin, in ms."""
    return float(2 ** ((number - 0.5) / LATENCY_BINS_PER_DOUBLING))


def latency_quantile(bins: Mapping[int, float], quantile: float = _QUANTILE) -> float | None:
    """The latency in ms that ``quantile`` of the binned requests do not exceed."""
    rank, below = math.ceil(quantile * sum(bins.values())), 0.0
    for number in sorted(bins):
        below += bins[number]
        if bins[number] and below >= rank:
            return latency_of(number)
    return None


def from_window(sums: Mapping[Key, float]) -> Iterator[Metric]:
    """The gauges that follow the sliding window."""
    yield _ratios(
        "srp_error_rate",
        f"Errors over requests, 0 to 1, {WINDOW_TEXT}.",
        "arm",
        _divided(sums, "errors", "requests"),
    )
    yield _ratios(
        "srp_latency_p95_seconds",
        f"95th percentile of the latency {WINDOW_TEXT}, within 2.2 %.",
        "arm",
        _p95_seconds(sums),
    )
    yield _ratios(
        "cost_per_request_usd_avg",
        f"Mean cost of a request of known cost {WINDOW_TEXT}.",
        "arm",
        _divided(sums, "cost_sum", "cost_count"),
    )
    yield _ratios(
        "provider_availability",
        f"Calls that did not find the vendor down, over calls, 0 to 1, {WINDOW_TEXT}.",
        "provider",
        _divided(sums, "up", "calls"),
    )
    for figure in ("confidence", "agreement"):
        mean = _divided(sums, f"{figure}_sum", f"{figure}_count").get("")
        text = f"Mean {figure} of consensus answers, 0 to 1, {WINDOW_TEXT}."
        yield _single(f"consensus_{figure}_avg", text, mean)
    yield _single(
        "consensus_round_gain_avg",
        f"Mean change of the agreement by a round of challenge, -1 to 1, {WINDOW_TEXT}.",
        _divided(sums, "round_gain_sum", "round_gain_count").get(""),
    )
    yield from _of_learning(sums)


def from_counts(families: Iterable[Metric]) -> Iterator[Metric]:
    """The gauges that follow counts since the start."""
    totals: defaultdict[str, float] = defaultdict(float)
    features: dict[str, float] = {}
    for sample in (s for family in families for s in family.samples):
        if sample.name == "feature_requests_total":
            features[sample.labels["feature"]] = sample.value
        elif sample.name != "wallbounce_requests_total" or sample.labels["arm"] not in ARMLESS:
            totals[sample.name] += sample.value
    requests = totals["wallbounce_requests_total"]
    # Feedback on answers from before a restart may outnumber the answers given since.
    adopted = {f: min(1.0, n / requests) for f, n in features.items()} if requests else {}
    yield _ratios(
        "feature_adoption_ratio",
        "Requests that used a feature over requests, 0 to 1, since the start.",
        "feature",
        adopted,
    )
    ratings = totals["feedback_rating_count"]
    mean = totals["feedback_rating_sum"] / ratings if ratings else None
    yield _single("user_satisfaction_avg", "Mean rating, 1 to 5, since the start.", mean)


def _of_learning(sums: Mapping[Key, float]) -> Iterator[Metric]:
    """The gauges of the learning engine. What failed is not among what was registered or found."""
    bins = {int(label): value for (name, label), value in sums.items() if name == "search_latency"}
    p99_ms = latency_quantile(bins, _SEARCH_QUANTILE)
    yield _single(
        "learning_search_p99_seconds",
        f"99th percentile of searches the cache did not answer {WINDOW_TEXT}, within 2.2 %.",
        None if p99_ms is None else p99_ms / 1000,
    )
    yield _single(
        "learning_cache_hit_ratio",
        f"Searches the cache answered, over searches, 0 to 1, {WINDOW_TEXT}.",
        _divided(sums, "cache_hits", "searches").get(""),
    )
    for operation, done in (("search", "searches"), ("register", "registrations")):
        failed = sums.get(("learning_errors", operation), 0.0)
        tried = failed + sums.get((done, ""), 0.0)
        name = "registration" if operation == "register" else operation
        yield _single(
            f"learning_{name}_error_ratio",
            f"Failures of operation {operation} over tries, 0 to 1, {WINDOW_TEXT}.",
            failed / tried if tried else None,
        )


def _divided(sums: Mapping[Key, float], part: str, whole: str) -> dict[str, float]:
    return {
        label: sums.get((part, label), 0.0) / value
        for (name, label), value in sums.items()
        if name == whole and value > 0
    }


def _p95_seconds(sums: Mapping[Key, float]) -> dict[str, float]:
    bins: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for (name, label), value in sums.items():
        if name == "latency":
            arm, _, number = label.partition("|")
            bins[arm][int(number)] = value
    quantiles = {arm: latency_quantile(of_arm) for arm, of_arm in bins.items()}
    return {arm: ms / 1000 for arm, ms in quantiles.items() if ms is not None}


def _ratios(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key in sorted(values):
        family.add_metric([key], values[key])
    return family


def _single(name: str, text: str, value: float | None) -> Metric:
    family = GaugeMetricFamily(name, text)
    if value is not None:
        family.add_metric([], value)
    return family
