"""What single settings cannot show: values that make sense alone, and not together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.settings import Settings

OWN_PROVIDERS = ("gpt", "claude", "gemini")


def contradictions_of(settings: Settings, values: Mapping[str, str]) -> Iterator[str]:
    """A line for each variable that does not fit the others, in the form of a wrong value's line."""
    extra = [name for name, _ in settings.vendors.extra]
    known = (*OWN_PROVIDERS, *extra)
    names = ", ".join(known)
    for name in extra:
        if name in OWN_PROVIDERS:
            yield (
                f"WALLBOUNCE_EXTRA_PROVIDERS: expected names other than {', '.join(OWN_PROVIDERS)}, "
                f"found {name!r}"
            )
    for name in settings.rollout.legacy_chain:
        if name not in known:
            yield f"WALLBOUNCE_LEGACY_CHAIN: expected names among {names}, found {name!r}"
    for name in settings.consensus.judges:
        if name not in known:
            yield f"WALLBOUNCE_JUDGES: expected names among {names}, found {name!r}"
    for name, _ in settings.consensus.weights:
        if name not in known:
            yield f"CONSENSUS_WEIGHTS: expected names among {names}, found {name!r}"
    warning, limit = settings.rollout.error_rate_warning, settings.rollout.error_rate_rollback
    # A default that a lower limit overtakes is nobody's mistake; a warning set above the limit is.
    both_said = {"SRP_ERROR_RATE_THRESHOLD", "AUTO_ROLLBACK_ERROR_RATE"} <= values.keys()
    if both_said and warning > limit:
        yield (
            "SRP_ERROR_RATE_THRESHOLD: expected at most AUTO_ROLLBACK_ERROR_RATE, which is "
            f"{limit:g}, found {warning:g}"
        )
