"""Reads the settings as the values the floors take: no construction, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consensus.verdict import Floors
from gateway.rollout.plan import TrafficPlan
from gateway.rollout.watcher import Limits
from providers.pool import ProviderSpec

if TYPE_CHECKING:
    from pydantic import SecretStr

    from gateway.settings import Settings


def specs_of(settings: Settings) -> tuple[ProviderSpec, ...]:
    """The configured providers, best first: those with a key, or with a base URL of their own.

    A base URL without a key is a proxy or a simulator that needs none.
    """
    vendors = settings.vendors
    known: list[tuple[str, str, str, SecretStr | None, str | None]] = [
        ("gemini", "google", vendors.gemini_model, settings.google_key, vendors.gemini_base_url),
        ("gpt", "openai", vendors.openai_model, vendors.openai_api_key, vendors.openai_base_url),
        (
            "claude",
            "anthropic",
            vendors.anthropic_model,
            vendors.anthropic_api_key,
            vendors.anthropic_base_url,
        ),
    ]
    own = [ProviderSpec(*spec) for spec in known if spec[3] is not None or spec[4] is not None]
    # LiteLLM's names begin with its word for the vendor: mistral/mistral-large-latest.
    others = [ProviderSpec(name, model.partition("/")[0], model) for name, model in vendors.extra]
    return (*own, *others)


def plan_of(settings: Settings) -> TrafficPlan:
    """How much traffic the environment allows."""
    return TrafficPlan(settings.rollout.enabled, settings.rollout.percentage)


def limits_of(settings: Settings) -> Limits:
    """What the wall-bounce arm is held to."""
    rollout = settings.rollout
    return Limits(
        error_rate=rollout.error_rate_rollback,
        latency_ms=rollout.latency_rollback.total_seconds() * 1000,
        warning_error_rate=rollout.error_rate_warning,
        window=rollout.window,
        minimum_sample=rollout.minimum_sample,
    )


def floors_of(settings: Settings) -> Floors:
    """From which figures on an answer warns."""
    consensus = settings.consensus
    return Floors(
        confidence=consensus.confidence_min,
        agreement=consensus.agreement_min,
        coherence=consensus.coherence_min,
        relevance=consensus.relevance_min,
    )
