"""What single settings cannot show: values that make sense alone, and not together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.alerts.addresses import scheme
from providers.pool import DEFAULT_ENDPOINT

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
    yield from _endpoints(settings)
    yield from _misunderstood(settings)
    warning, limit = settings.rollout.error_rate_warning, settings.rollout.error_rate_rollback
    # A default that a lower limit overtakes is nobody's mistake; a warning set above the limit is.
    both_said = {"SRP_ERROR_RATE_THRESHOLD", "AUTO_ROLLBACK_ERROR_RATE"} <= values.keys()
    if both_said and warning > limit:
        yield (
            "SRP_ERROR_RATE_THRESHOLD: expected at most AUTO_ROLLBACK_ERROR_RATE, which is "
            f"{limit:g}, found {warning:g}"
        )


def _endpoints(settings: Settings) -> Iterator[str]:
    """A line for each key or deployment of an endpoint that is not there, and for a name that is taken."""
    vendors = settings.vendors
    for prefix, endpoints, keys, base_url in (
        ("OPENAI", vendors.openai_endpoints, vendors.openai_endpoint_keys, vendors.openai_base_url),
        (
            "ANTHROPIC",
            vendors.anthropic_endpoints,
            vendors.anthropic_endpoint_keys,
            vendors.anthropic_base_url,
        ),
        ("GEMINI", vendors.gemini_endpoints, vendors.gemini_endpoint_keys, vendors.gemini_base_url),
    ):
        names = [name for name, _ in endpoints]
        if base_url is not None and DEFAULT_ENDPOINT in names:
            yield (
                f"{prefix}_ENDPOINTS: expected names other than {DEFAULT_ENDPOINT!r}, which is that of "
                f"{prefix}_BASE_URL"
            )
        said = [(f"{prefix}_ENDPOINT_KEYS", name) for name, _ in keys]
        if prefix == "OPENAI":
            said += [
                ("OPENAI_ENDPOINT_DEPLOYMENTS", name) for name, _ in vendors.openai_deployments
            ]
        for variable, name in said:
            if name not in names:
                allowed = ", ".join(names) or f"none, for {prefix}_ENDPOINTS is not set"
                yield f"{variable}: expected names among {allowed}, found {name!r}"


def _misunderstood(settings: Settings) -> Iterator[str]:
    """A line for each channel that apprise cannot use; the kind is shown, the rest may be a token."""
    if not settings.alerts.urls:
        return
    from gateway.alerts.apprise_door import is_understood  # noqa: PLC0415 - slow, only where it is used

    for number, (_, url) in enumerate(settings.alerts.urls, start=1):
        if not is_understood(url):
            yield (
                "WALLBOUNCE_ALERT_URLS: expected URLs as apprise's documentation has them, found "
                f"number {number}, {scheme(url)}://…, that it does not understand"
            )
