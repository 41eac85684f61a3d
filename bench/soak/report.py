"""Twenty thousand requests, a third of them with something going wrong: is memory flat, is all given back?

``REQUESTS`` in the environment bounds it, ``QUESTIONS`` says how many different ones there are. It ends
by itself.
"""

from __future__ import annotations

from statistics import quantiles
from typing import TYPE_CHECKING, Any

from bench.bounds import bounded
from bench.figures import Bar, Result
from bench.soak.memory import since, slope
from bench.soak.running import CONCURRENCY, soaked

if TYPE_CHECKING:
    from bench.soak.memory import Sample
    from bench.soak.running import Soaked

REQUESTS = 20_000
QUESTIONS = 1_000
"""A question asked anew is a pattern that is known: what the engine learns of each new one is memory it
is meant to take, and measured elsewhere."""

BYTES_BAR = 1024.0
"""The issue's bar: memory a request after warm-up, in bytes."""

SPARED_BAR = 0.01
"""Share of requests without an answer in which the gateway did not ask a vendor that would have answered: one that
had failed others shortly before. 5 % before circuits and limits told noise from illness."""

_WARM_UP_SHARE = 0.25
_END_SHARE = 2 / 3


def run() -> Result:
    """Load, drain, count; takes six to ten minutes."""
    requests = bounded("REQUESTS", REQUESTS, least=100, most=200_000)
    questions = bounded("QUESTIONS", QUESTIONS, least=1, most=200_000)
    seen = soaked(requests, questions)
    total = seen.tally.requests
    whole = slope(since(seen.samples, _WARM_UP_SHARE * total))
    end = slope(since(seen.samples, _END_SHARE * total))
    leaked = seen.leaked
    figures = {
        "bytes_per_request": _rounded(whole),
        "bytes_per_request_at_end": _rounded(end),
        "leaked": leaked.total,
        "requests": total,
        "errors": seen.tally.errors,
        "asked": requests,
        "questions": questions,
        **_details(seen),
    }
    return Result(
        name="soak",
        figures=figures,
        columns=("figure", "measured", "bar"),
        rows=_rows(seen, requests, whole, end),
        bars=(
            Bar("bytes_per_request", BYTES_BAR, whole),
            Bar("bytes_per_request_at_end", BYTES_BAR, end),
            Bar("leaked", 0, leaked.total),
            Bar("errors", 0, seen.tally.errors),
            Bar("spared_share", SPARED_BAR, seen.tally.spared.total() / total),
            Bar("requests_missing", 0, requests - total),
        ),
    )


def _details(seen: Soaked) -> dict[str, Any]:
    cuts = quantiles(seen.tally.latencies_s, n=100, method="inclusive")
    samples = seen.samples
    return {
        "leaked_by_kind": seen.leaked.json(),
        "held": {"idle": seen.idle.json(), "after": seen.after.json()},
        "open_files": dict(zip(("idle", "after"), seen.files, strict=True)),
        "outcomes": dict(seen.tally.outcomes),
        "paths": dict(seen.tally.paths),
        "vendor_failures": dict(seen.tally.failures),
        "unanswered_beside_a_healthy_vendor": dict(seen.tally.spared),
        "errors_by_kind": dict(seen.tally.errors_by_kind),
        "error_examples": seen.tally.examples,
        "rss_mb": {"begin": _mb(samples[0]), "end": _mb(samples[-1])},
        "rss_samples": samples[:: max(1, len(samples) // 100)],
        "longest_lag_ms": seen.lags.json(),
        "p50_ms": round(cuts[49] * 1e3, 1),
        "p99_ms": round(cuts[98] * 1e3, 1),
        "seconds": round(seen.seconds, 1),
        "cpu_ms_per_request": round(seen.cpu_seconds * 1e3 / seen.tally.requests, 3),
        "in_flight": CONCURRENCY,
        "chat_completions": seen.chat,
        "strikes": seen.strikes,
    }


def _rows(
    seen: Soaked, requests: int, whole: float | None, end: float | None
) -> list[tuple[str, ...]]:
    tally, samples = seen.tally, seen.samples
    return [
        ("requests", f"{tally.requests} of {requests}", str(requests)),
        ("memory a request after warm-up, bytes", _shown(whole), f"≤ {BYTES_BAR:g}"),
        ("the same over the last third", _shown(end), f"≤ {BYTES_BAR:g}"),
        ("resident memory at begin and end, MB", f"{_mb(samples[0])}, {_mb(samples[-1])}", ""),
        *(
            (f"leaked {name}".replace("_", " "), str(n), "0")
            for name, n in seen.leaked.json().items()
        ),
        ("errors that were not the faults' due", str(tally.errors), "0"),
        *((f"outcome: {kind}", str(n), "") for kind, n in tally.outcomes.most_common()),
        *(
            (
                f"no answer, and a healthy vendor not asked: {code}",
                str(n),
                f"≤ {SPARED_BAR:.0%} in all",
            )
            for code, n in tally.spared.most_common()
        ),
        *(
            (f"longest lag of the {who}, ms", f"{ms:.0f}", "")
            for who, ms in seen.lags.json().items()
        ),
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _shown(value: float | None) -> str:
    return "too few samples" if value is None else f"{value:.0f}"


def _mb(sample: Sample) -> float:
    return round(sample.rss / 1e6, 1)
