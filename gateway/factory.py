"""The one place that constructs: settings in, a running gateway out, closed in reverse order."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
import time
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import CollectorRegistry

from consensus.asking import Panelist
from consensus.entailment.lazy import entailment_named
from consensus.synthesis import Synthesizer
from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from consensus.trust.topics import Topics
from consensus.wall_bounce import WallBounce
from gateway import embedding, entailment
from gateway.alerting import open_alerts
from gateway.configuration import floors_of, resilience_of, shadow_limits_of, specs_of
from gateway.daily.opening import open_monitor
from gateway.environment import SettingsError
from gateway.guard.admission import Admission
from gateway.guard.auth import Keyring
from gateway.judging import judges_named
from gateway.learning_logging import open_learning_log
from gateway.legacy_path import LegacyPath
from gateway.monitoring.metrics import JournalFigures, Metrics
from gateway.monitoring.request_log import RequestLog
from gateway.pipeline import Pipeline
from gateway.policies import PolicyDesk
from gateway.pricing import catalog_of, unpriced
from gateway.problem_types import status_of
from gateway.remembering import open_patterns, open_steering
from gateway.rolling_out import open_rollout, reconfigure
from gateway.shadow.runner import Shadow
from gateway.shadow.sampling import Sampling
from gateway.single_path import SinglePath
from gateway.storage.journal import Journal
from gateway.storage.lesson_store import SqlLessonStore
from gateway.storage.policy_store import SqlPolicyStore
from gateway.storage.sql import Database
from gateway.teaching.feedback_desk import FeedbackDesk
from gateway.teaching.teacher import Teacher
from gateway.wall_bounce_path import WallBouncePath
from learning.lazy import LazyLearner
from providers.http_client import open_client
from providers.pool import ProviderPool, build_pool
from providers.pricing.prompts import PromptBound
from providers.resilience import RetryBudget, RetryPolicy
from providers.warming import keep_warm

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from consensus.ballot import TrustModel
    from consensus.embedding.lazy import LazyEmbedder
    from consensus.entailment.lazy import LazyEntailment
    from gateway.alerts.desk import AlertDesk
    from gateway.patterns.desk import PatternDesk
    from gateway.rollout.controller import RolloutController
    from gateway.settings import Settings
    from gateway.teaching.refitting import Fit
    from learning.lessons import Learner
    from learning.policy.document import PolicyDocument
    from providers.errors import ProviderError
    from providers.resilience.endpoint import Endpoint

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Gateway:
    """All objects of one process, as routes and commands use them."""

    settings: Settings
    version: str
    instance: str
    pool: ProviderPool
    journal: Journal
    rollout: RolloutController
    admission: Admission
    keyring: Keyring
    metrics: Metrics
    pipeline: Pipeline
    single: SinglePath
    wall_bounce: WallBouncePath
    embedder: LazyEmbedder | None
    teacher: Teacher | None
    policies: PolicyDesk | None
    feedback: FeedbackDesk
    patterns: PatternDesk | None
    entailment: LazyEntailment | None
    alerts: AlertDesk
    shadow: Shadow

    def reconfigure(self, settings: Settings) -> None:
        """Apply what may change without a restart: the share, the plan, the limits, the floors.

        Raises:
            SettingsError: The plan cannot be followed; nothing is applied.
        """
        reconfigure(self.rollout, settings)  # first: it may refuse
        self.wall_bounce.floors = floors_of(settings)
        percentage = settings.rollout.shadow_percentage
        self.shadow.limits = replace(self.shadow.limits, percentage=percentage)
        log.info(
            "settings_applied",
            percentage=settings.rollout.percentage,
            enabled=settings.rollout.enabled,
        )


@asynccontextmanager
async def open_gateway(
    settings: Settings, reread: Callable[[], Settings]
) -> AsyncIterator[Gateway]:
    """Open everything, serve, close everything.

    ``reread`` gives the settings anew when SIGHUP comes.

    Raises:
        gateway.storage.errors.StorageError: the database cannot be opened or brought up to date.
    """
    async with AsyncExitStack() as stack:
        gateway = await _build(settings, stack)
        stack.enter_context(_on_sighup(lambda: _apply(gateway, reread)))
        warming = asyncio.create_task(_warm_up(gateway))
        stack.push_async_callback(_ended, warming)
        log.info(
            "gateway_ready",
            version=gateway.version,
            providers=gateway.pool.names,
            stage=gateway.rollout.standing.stage,
        )
        yield gateway


async def _build(settings: Settings, stack: AsyncExitStack) -> Gateway:
    instance = instance_of(settings)
    database = await Database.open(settings.database_url)
    stack.push_async_callback(database.aclose)
    await database.migrate()
    specs = specs_of(settings)
    catalog = catalog_of(settings)
    for spec, card, why in unpriced(catalog, specs):
        log.warning("cost_unknown", provider=spec.name, model=card.model, reason=why)
    pool = build_pool(
        specs,
        open_client(proxy=settings.vendors.proxy),
        catalog,
        RetryPolicy(attempts=settings.vendors.retry_attempts),
        RetryBudget(),
        resilience_of(settings),
    )
    stack.push_async_callback(pool.aclose)
    _keep_warm(settings, pool, stack)
    metrics = _metrics()
    metrics.endpoints.watch(pool)
    await stack.enter_async_context(open_learning_log(settings, metrics, instance=instance))
    journal = Journal(database)
    await journal.start()
    stack.push_async_callback(journal.aclose)
    rollout = await stack.enter_async_context(
        open_rollout(settings, database, instance=instance, metrics=metrics.rollout)
    )
    admission = Admission(settings.server.max_in_flight)
    _connect(journal, rollout, metrics, admission)
    alerts = await stack.enter_async_context(
        open_alerts(
            settings,
            instance=instance,
            journal=journal,
            metrics=metrics.alerts,
            rollout=lambda: rollout.standing,
            changed=metrics.drift.lately,
            workers_dir=_workers_dir(),
        )
    )
    rollout.subscribe(alerts.announce)
    await stack.enter_async_context(open_monitor(database, metrics.drift))
    if settings.server.log_level in {"debug", "info"}:
        journal.subscribe(RequestLog(sys.stderr, instance).write)
    stack.push_async_callback(_ended, asyncio.create_task(metrics.keep_fresh()))
    embedder = embedding.embedder_named(settings.consensus.embedding)
    judge = entailment_named(settings.consensus.entailment, budget_ms=entailment.BUDGET_MS)
    panel = {name: Panelist(pool[name], pool.card(name)) for name in pool.names}
    input_bound = PromptBound({name: pool.card(name) for name in pool.names})
    bounce = WallBounce(
        panel,
        input_bound,
        _log_crash,
        patience_s=settings.consensus.straggler_patience.total_seconds() or None,
        usual_s=pool.usual_s,
    )
    wall_bounce = WallBouncePath(
        bounce,
        Synthesizer(panel, input_bound, _log_crash, embedder=embedder, entailment=judge),
        weights=dict(settings.consensus.weights),
        floors=floors_of(settings),
        embedder=embedder,
        trust=LogitTrust(shipped_prior()),
        # Fitted to the static model's vectors: of another's they would mean nothing.
        topics=Topics(embedder) if embedder and settings.consensus.embedding == "static" else None,
        entailment=judge,
        judges=judges_named(settings.consensus.judges, panel, _log_crash),
        insisting=replace(bounce, panel=_insisting(pool)),
    )
    teacher, policies = None, None
    if settings.learning.enabled:
        policies = _policies(database, wall_bounce, metrics)
        await policies.start()
        stack.push_async_callback(policies.aclose)
        teacher = _teacher(settings, database, policies.learned, metrics)
        await teacher.start()
        stack.push_async_callback(teacher.aclose)
    patterns = await stack.enter_async_context(
        open_patterns(settings, database, embedder, metrics.engine)
    )
    learn = None if patterns is None else patterns.learn
    steering = await stack.enter_async_context(
        open_steering(
            settings,
            database,
            embedder,
            desk=patterns,
            teacher=teacher,
            models={name: pool[name].model for name in pool.names},
            trust=lambda: wall_bounce.trust,
            policy=lambda: 0 if policies is None else policies.version,
            metrics=metrics.engine,
        )
    )
    if policies is not None and patterns is not None:
        policies.subscribe(partial(_weigh_layers, patterns))
    chain = tuple(name for name in settings.rollout.legacy_chain if name in panel)
    legacy = LegacyPath(
        panel, chain or pool.names, input_bound, _log_crash, pool.away, _insisting(pool)
    )
    shadow = Shadow(
        path=wall_bounce,
        available=pool.names,
        append=journal.append,
        status_of=status_of,
        sampling=Sampling(settings.rollout.experiment, random.Random()),
        standing=lambda: rollout.standing,
        limits=shadow_limits_of(settings),
        clock=lambda: datetime.now(UTC),
        on_skip=metrics.shadow.count_skipped,
        steering=steering,
        learn=learn,
        away=pool.away,
        crowded=pool.crowded,
    )
    stack.push_async_callback(shadow.aclose)
    metrics.shadow.watch_in_flight(lambda: shadow.in_flight)
    pipeline = Pipeline(
        admission=admission,
        rollout=rollout,
        paths={"wall_bounce": wall_bounce, "legacy": legacy},
        available=pool.names,
        append=journal.append,
        status_of=status_of,
        instance=instance,
        caller_salt=settings.rollout.experiment,
        shadow=shadow,
        steering=steering,
        learn=learn,
        away=pool.away,
    )
    return Gateway(
        settings=settings,
        version=version("wallbounce"),
        instance=instance,
        pool=pool,
        journal=journal,
        rollout=rollout,
        admission=admission,
        keyring=Keyring(settings.server.api_keys, settings.server.operator_keys),
        metrics=metrics,
        pipeline=pipeline,
        single=SinglePath(
            panel={name: Panelist(pool[name].alone(), pool.card(name)) for name in pool.names},
            admission=admission,
            append=journal.append,
            status_of=status_of,
            input_bound=input_bound,
            instance=instance,
            caller_salt=settings.rollout.experiment,
        ),
        wall_bounce=wall_bounce,
        embedder=embedder,
        entailment=judge,
        teacher=teacher,
        policies=policies,
        feedback=FeedbackDesk(
            journal,
            metrics,
            rollout,
            teacher,
            on_label=None if patterns is None else patterns.label,
        ),
        patterns=patterns,
        alerts=alerts,
        shadow=shadow,
    )


def _policies(database: Database, wall_bounce: WallBouncePath, metrics: Metrics) -> PolicyDesk:
    def put_in_service(model: TrustModel) -> None:
        wall_bounce.trust = model

    return PolicyDesk(
        SqlPolicyStore(database),
        serve=put_in_service,
        model=wall_bounce.trust,
        on_version=metrics.engine.show_policy,
        on_failure=lambda: metrics.engine.observe_error("policy"),
    )


def _weigh_layers(patterns: PatternDesk, policy: PolicyDocument) -> None:
    """A policy without layers takes back those of the one before."""
    patterns.weigh_layers(policy.weights.layers)


def _teacher(
    settings: Settings,
    database: Database,
    on_model: Callable[[TrustModel], None],
    metrics: Metrics,
) -> Teacher:
    def load() -> Learner:
        from learning.trust import TrustLearner  # noqa: PLC0415 - numpy must not delay the start

        return TrustLearner(half_life=settings.learning.half_life)

    def count(fit: Fit) -> None:
        fitted_at = None if fit.model is None else time.time()
        metrics.learning.observe_fit(fitted_at=fitted_at, seconds=fit.seconds)
        metrics.learning.show_lessons(fit.lessons)

    return Teacher(
        SqlLessonStore(database),
        LazyLearner(load),
        window=settings.learning.window,
        monotonic=time.monotonic,
        on_model=on_model,
        on_fit=count,
    )


async def _warm_up(gateway: Gateway) -> None:
    """Load the models, one after the other: a start has better uses for the processor."""
    if gateway.embedder is not None:
        await embedding.warm_up(gateway.embedder)
    if gateway.entailment is not None:
        await entailment.warm_up(gateway.entailment)
    await asyncio.to_thread(gateway.wall_bounce.warm_up)


def instance_of(settings: Settings) -> str:
    """This instance's name: the operator's, or the host's."""
    return settings.server.instance_id or socket.gethostname()


def _metrics() -> Metrics:
    return Metrics(CollectorRegistry(), monotonic=time.monotonic, workers_dir=_workers_dir())


def _workers_dir() -> Path | None:
    # prometheus-client's own variable for figures shared by several workers; `serve` sets it.
    shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(shared) if shared else None


def _connect(
    journal: Journal, rollout: RolloutController, metrics: Metrics, admission: Admission
) -> None:
    """Who reads the records, and what the metrics look at."""
    journal.subscribe(rollout.observe)
    journal.subscribe(metrics.observe)
    metrics.rollout.show(rollout.standing)
    metrics.watch_in_flight(lambda: admission.in_flight)
    metrics.watch_journal(
        lambda: JournalFigures(journal.stats.pending, journal.stats.written, journal.stats.dropped)
    )


def _insisting(pool: ProviderPool) -> dict[str, Panelist]:
    """The panel for calls that no circuit is to refuse."""
    return {name: Panelist(pool[name].insisting(), pool.card(name)) for name in pool.names}


def _keep_warm(settings: Settings, pool: ProviderPool, stack: AsyncExitStack) -> None:
    if settings.vendors.warm_up:
        warming = asyncio.create_task(keep_warm(pool.endpoints, _log_cold))
        stack.push_async_callback(_ended, warming)


def _log_cold(endpoint: Endpoint, error: ProviderError) -> None:
    log.debug("endpoint_cold", endpoint=endpoint.name, reason=str(error))


def _log_crash(provider: str, crash: BaseException) -> None:
    log.error("provider_crashed", provider=provider, exc_info=crash)


async def _ended(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _apply(gateway: Gateway, reread: Callable[[], Settings]) -> None:
    try:
        gateway.reconfigure(reread())
    except SettingsError as error:
        # A typing mistake in .env must not stop a running gateway: what was in force stays.
        log.warning("settings_refused", problems=error.lines)


@contextmanager
def _on_sighup(apply: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGHUP, apply)
    except (NotImplementedError, RuntimeError, ValueError):
        # No such signal on this platform, or not the main thread (an embedded gateway).
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
