"""Reads the settings as the values the floors take: no construction, and no I/O but a plan's file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from consensus.verdict import Floors
from gateway.advice_terms import SteeringTerms
from gateway.environment import SettingsError
from gateway.rollout import rules
from gateway.rollout.moves import arms_of
from gateway.rollout.plan import NO_PLAN, TrafficPlan
from gateway.rollout.plan_file import PlanFileError, plan_named
from gateway.rollout.presets import DEFAULT_PRESET
from gateway.rollout.state import RolloutState
from gateway.shadow.terms import ShadowLimits
from providers.pool import DEFAULT_ENDPOINT, EndpointSpec, ProviderSpec
from providers.resilience.terms import Terms

if TYPE_CHECKING:
    from pydantic import SecretStr

    from gateway.rollout.plan import RolloutPlan
    from gateway.settings import Rollout, Settings


USUAL_ALPHA = 0.05
"""How often a harmless arm may be rolled back wrongly without a plan: as in a plan that says nothing."""


def specs_of(settings: Settings) -> tuple[ProviderSpec, ...]:
    """The configured providers, best first: those with a key, or with a base URL or endpoints of their own.

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
    named = {
        "openai": _endpoints(
            vendors.openai_base_url,
            vendors.openai_endpoints,
            vendors.openai_endpoint_keys,
            vendors.openai_deployments,
        ),
        "anthropic": _endpoints(
            vendors.anthropic_base_url,
            vendors.anthropic_endpoints,
            vendors.anthropic_endpoint_keys,
        ),
        "google": _endpoints(
            vendors.gemini_base_url, vendors.gemini_endpoints, vendors.gemini_endpoint_keys
        ),
    }
    versions = {"anthropic": vendors.anthropic_version}
    own = [
        ProviderSpec(*spec, version=versions.get(spec[1]), endpoints=named[spec[1]])
        for spec in known
        if spec[3] is not None or spec[4] is not None or named[spec[1]]
    ]
    # LiteLLM's names begin with its word for the vendor: mistral/mistral-large-latest.
    others = [ProviderSpec(name, model.partition("/")[0], model) for name, model in vendors.extra]
    return (*own, *others)


def _endpoints(
    base_url: str | None,
    endpoints: tuple[tuple[str, str], ...],
    keys: tuple[tuple[str, SecretStr], ...],
    deployments: tuple[tuple[str, str], ...] = (),
) -> tuple[EndpointSpec, ...]:
    """The places of one vendor; none where there is one alone, which the provider names itself."""
    if not endpoints:
        return ()
    key_of, called = dict(keys), dict(deployments)
    places = endpoints if base_url is None else ((DEFAULT_ENDPOINT, base_url), *endpoints)
    return tuple(
        EndpointSpec(name, url, key_of.get(name), called.get(name)) for name, url in places
    )


def resilience_of(settings: Settings) -> Terms:
    """How far the shell around vendors' calls may go."""
    vendors = settings.vendors
    return Terms(
        circuits=vendors.circuits,
        hedging_share=vendors.hedging_share,
        concurrency=vendors.concurrency,
        stall_s=vendors.stall.total_seconds() or None,
    )


def plan_of(settings: Settings) -> TrafficPlan:
    """How much traffic the environment allows."""
    return TrafficPlan(settings.rollout.enabled, settings.rollout.percentage)


def wish_of(settings: Settings) -> RolloutPlan | Literal["none"] | None:
    """What the environment asks for: a plan, ``none`` to end the one that stands, or None: nothing.

    Who asks for automatic advance and names no plan gets the usual one. An environment that says
    nothing changes nothing: an instance started without the variable must not open the path that a
    plan keeps narrow.

    Raises:
        SettingsError: As `rollout_plan_of`.
    """
    return NO_PLAN if settings.rollout.plan == NO_PLAN else rollout_plan_of(settings)


def rollout_plan_of(settings: Settings) -> RolloutPlan | None:
    """The plan the environment asks for, its own variables applied over the plan's; None without.

    They become part of the plan that is adopted, so that the history shows what held, and all
    instances hold to the same.

    Raises:
        SettingsError: The plan's file cannot be followed, or the advance has nothing to follow.
    """
    rollout = settings.rollout
    automatic = rollout.advance == "automatic"
    if rollout.plan == NO_PLAN and automatic:
        raise SettingsError(["SRP_ROLLOUT_ADVANCE: expected a plan to advance along, found none"])
    if rollout.plan == NO_PLAN or (rollout.plan is None and not automatic):
        return None
    try:
        plan = plan_named(rollout.plan or DEFAULT_PRESET)
    except PlanFileError as error:
        raise SettingsError([f"SRP_ROLLOUT_PLAN: {line}" for line in error.lines]) from error
    shadow = rollout.shadow_percentage
    return replace(
        plan,
        advance=rollout.advance or plan.advance,
        margins=margins_of(rollout, plan.margins),
        alpha=plan.alpha if rollout.alpha is None else rollout.alpha,
        shadow=plan.shadow if shadow is None else shadow,
    )


def rules_of(settings: Settings, state: RolloutState | None = None) -> rules.Rules:
    """What the arms are held to at the stage in force; without a state or a plan, by the environment.

    A stage's limits are its own. AUTO_ROLLBACK_ERROR_RATE and SRP_ERROR_RATE_THRESHOLD apply as
    well where they are set, and the stricter one counts: a default nobody set must not tighten a plan
    that was written with other limits. Whether one is set is what pydantic keeps of it
    (``model_fields_set``). A closed arm stays in ``arms``: the division of alpha was set beforehand.
    """
    rollout = settings.rollout
    state = state or RolloutState()
    plan = state.plan
    rollback, warning = rollout.error_rate_rollback, rollout.error_rate_warning
    if plan is not None:
        stage = plan.stages[state.stage]
        said = rollout.model_fields_set
        limits = [stage.error_rate_rollback]
        limits += [rollback] if "error_rate_rollback" in said else []
        warnings = [stage.error_rate_warning]
        warnings += [warning] if "error_rate_warning" in said else []
        rollback, warning = min(limits), min(warnings)
    return rules.Rules(
        limits=rules.Limits(
            error_rate=rollback,
            latency_ms=rollout.latency_rollback.total_seconds() * 1000,
            warning_error_rate=min(warning, rollback),
            window=rollout.window,
            minimum_sample=rollout.minimum_sample,
        ),
        margins=margins_of(rollout, rules.Margins()) if plan is None else plan.margins,
        alpha=_said_or(rollout.alpha, USUAL_ALPHA) if plan is None else plan.alpha,
        arms=tuple(arm.name for arm in arms_of(state)),
    )


def shadow_limits_of(settings: Settings) -> ShadowLimits:
    """What the environment says of shadows; where it says no share, the plan in force does."""
    rollout = settings.rollout
    return ShadowLimits(rollout.shadow_percentage, rollout.shadow_max_in_flight)


def steering_terms_of(settings: Settings) -> SteeringTerms:
    """What the environment lets the learning engine's advice do."""
    learning = settings.learning
    return SteeringTerms(
        mode=learning.steering,
        escalation=learning.escalation,
        exploration=learning.exploration,
        exploration_budget_usd=learning.exploration_budget_usd,
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


def margins_of(rollout: Rollout, margins: rules.Margins) -> rules.Margins:
    """A plan's margins, or the usual ones, with those the environment sets in their place."""
    return replace(
        margins,
        error_rate=_said_or(rollout.margin_error_rate, margins.error_rate),
        quality=_said_or(rollout.margin_quality, margins.quality),
        latency=_said_or(rollout.margin_latency, margins.latency),
        cost=_said_or(rollout.margin_cost, margins.cost),
    )


def _said_or(said: float | None, otherwise: float) -> float:
    return otherwise if said is None else said
