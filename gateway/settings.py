"""The typed settings: every environment variable the gateway reads, its unit, range and default.

`gateway.environment` reads them; `.env.example` and the README's table are generated from here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from gateway.setting_types import (
    AlertAddresses,
    Alpha,
    AnthropicVersion,
    BaseUrl,
    Boolean,
    Count,
    DailyUsd,
    DatabaseUrl,
    Deployments,
    EndpointKeys,
    Endpoints,
    ExploredShare,
    Fraction,
    HedgedShare,
    KeyList,
    LessonCount,
    Milliseconds,
    MillisecondsOrNone,
    NameList,
    Percentage,
    PlanChoice,
    ProviderModels,
    ProxyUrl,
    QuietTime,
    Ratio,
    RedisUrl,
    SampleSize,
    Seconds,
    SecondsOrNone,
    Secret,
    Token,
    Weights,
)


class Section(BaseModel):
    """A group of settings, read from the environment by their aliases; frozen."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


def env(name: str, default: Any, meaning: str, *, hot: bool = False) -> Any:
    """A setting read from the variable ``name``. ``hot``: SIGHUP applies it without a restart."""
    return Field(default=default, alias=name, description=meaning, json_schema_extra={"hot": hot})


class Vendors(Section):
    """Which vendors are asked, where, with which keys."""

    openai_api_key: Secret | None = env("OPENAI_API_KEY", None, "Key of OpenAI (provider `gpt`).")
    openai_base_url: BaseUrl | None = env(
        "OPENAI_BASE_URL",
        None,
        "OpenAI's base URL, as its SDK takes it; default https://api.openai.com/v1.",
    )
    openai_endpoints: Endpoints = env(
        "OPENAI_ENDPOINTS",
        (),
        "More places OpenAI is asked at, `azure=https://x.openai.azure.com/openai/v1`, comma-separated: the fastest that is well is asked; beside OPENAI_BASE_URL, if that is set, else instead of the usual one.",
    )
    openai_endpoint_keys: EndpointKeys = env(
        "OPENAI_ENDPOINT_KEYS",
        (),
        "Keys of single endpoints, `name=key`; the others are asked with OpenAI's own.",
    )
    openai_deployments: Deployments = env(
        "OPENAI_ENDPOINT_DEPLOYMENTS",
        (),
        "What OPENAI_MODEL is called at single endpoints, `azure=my-deployment`; at the others it has its own name.",
    )
    openai_model: Token = env("OPENAI_MODEL", "gpt-5", "The model behind `gpt`.")
    anthropic_api_key: Secret | None = env(
        "ANTHROPIC_API_KEY", None, "Key of Anthropic (provider `claude`)."
    )
    anthropic_base_url: BaseUrl | None = env(
        "ANTHROPIC_BASE_URL", None, "Anthropic's base URL; default https://api.anthropic.com."
    )
    anthropic_endpoints: Endpoints = env(
        "ANTHROPIC_ENDPOINTS",
        (),
        "More places Anthropic is asked at, `eu=https://…`, comma-separated: the fastest that is well is asked; beside ANTHROPIC_BASE_URL, if that is set, else instead of the usual one.",
    )
    anthropic_endpoint_keys: EndpointKeys = env(
        "ANTHROPIC_ENDPOINT_KEYS",
        (),
        "Keys of single endpoints, `name=key`; the others are asked with Anthropic's own.",
    )
    anthropic_model: Token = env(
        "ANTHROPIC_MODEL", "claude-sonnet-4-6", "The model behind `claude`."
    )
    anthropic_version: AnthropicVersion = env(
        "ANTHROPIC_VERSION",
        "2023-06-01",
        "The version of Anthropic's API to speak. 2026-10-21 takes the key as a bearer token, and no temperature or top_p.",
    )
    google_api_key: Secret | None = env(
        "GOOGLE_API_KEY", None, "Key of Google (provider `gemini`); wins over GEMINI_API_KEY."
    )
    gemini_api_key: Secret | None = env("GEMINI_API_KEY", None, "The same under its other name.")
    gemini_base_url: BaseUrl | None = env(
        "GEMINI_BASE_URL",
        None,
        "Gemini's base URL; default https://generativelanguage.googleapis.com.",
    )
    gemini_endpoints: Endpoints = env(
        "GEMINI_ENDPOINTS",
        (),
        "More places Google is asked at, `eu=https://…`, comma-separated: the fastest that is well is asked; beside GEMINI_BASE_URL, if that is set, else instead of the usual one.",
    )
    gemini_endpoint_keys: EndpointKeys = env(
        "GEMINI_ENDPOINT_KEYS",
        (),
        "Keys of single endpoints, `name=key`; the others are asked with Google's own.",
    )
    gemini_model: Token = env("GEMINI_MODEL", "gemini-2.5-pro", "The model behind `gemini`.")
    extra: ProviderModels = env(
        "WALLBOUNCE_EXTRA_PROVIDERS",
        (),
        "More providers through LiteLLM: `name=litellm/model`, comma-separated; their keys by LiteLLM's own variables.",
    )
    prices: Path | None = env(
        "WALLBOUNCE_PRICES",
        None,
        "A YAML or JSON file of prices that go before the shipped ones, with their dates (docs/costs.md).",
    )
    proxy: ProxyUrl | None = env(
        "WALLBOUNCE_PROXY",
        None,
        "A proxy the vendors are reached through, `http://user:password@host:port`; none: straight. The environment's own proxy variables are not read.",
    )
    retry_attempts: Count = env(
        "WALLBOUNCE_RETRY_ATTEMPTS", 3, "Tries a vendor's call gets at most, the first included."
    )
    circuits: Boolean = env(
        "WALLBOUNCE_CIRCUIT_BREAKERS",
        True,
        "Whether an endpoint that keeps failing, or is much slower than it usually is, is left alone for some seconds while others can answer.",
    )
    hedging_share: HedgedShare = env(
        "WALLBOUNCE_HEDGING_SHARE",
        0.05,
        "Share of calls that may be made twice at most, when the first takes longer than is usual; each costs a call more. 0: none.",
    )
    concurrency: Count = env(
        "WALLBOUNCE_VENDOR_CONCURRENCY",
        256,
        "Calls at once to one vendor's account at most, a process; 429s and slow replies lower it for a while.",
    )
    stall: SecondsOrNone = env(
        "WALLBOUNCE_STALL_SECONDS",
        timedelta(seconds=60),
        "Longest time without a piece in the middle of a stream before it is called cut; 0 waits to the deadline.",
    )
    warm_up: Boolean = env(
        "WALLBOUNCE_WARM_UP",
        True,
        "Whether a connection to each endpoint is opened before it is needed; nothing is sent.",
    )


class Rollout(Section):
    """How much traffic takes the wall-bounce path, and what takes it away again."""

    enabled: Boolean = env(
        "USE_SRP_WALL_BOUNCE", True, "Whether the wall-bounce path is used at all.", hot=True
    )
    percentage: Percentage = env(
        "SRP_TRAFFIC_PERCENTAGE",
        100.0,
        "Share of traffic on the wall-bounce path, in percent; the ceiling.",
        hot=True,
    )
    error_rate_warning: Fraction = env(
        "SRP_ERROR_RATE_THRESHOLD",
        0.015,
        "Error rate from which the path's health is WARNING; beside a plan's stage, set, the lower of both.",
        hot=True,
    )
    error_rate_rollback: Fraction = env(
        "AUTO_ROLLBACK_ERROR_RATE",
        0.03,
        "Error rate above which the path rolls itself back; beside a plan's stage, set, the lower of both.",
        hot=True,
    )
    latency_rollback: Milliseconds = env(
        "AUTO_ROLLBACK_LATENCY_MS",
        timedelta(milliseconds=10_000),
        "p95 latency in ms above which the path rolls itself back.",
        hot=True,
    )
    window: Seconds = env(
        "AUTO_ROLLBACK_WINDOW_SECONDS",
        timedelta(seconds=300),
        "Sliding window the limits are judged over.",
        hot=True,
    )
    minimum_sample: SampleSize | None = env(
        "AUTO_ROLLBACK_MIN_REQUESTS",
        None,
        "Requests in the window before a limit may trip; default derived from the limit.",
        hot=True,
    )
    plan: PlanChoice | None = env(
        "SRP_ROLLOUT_PLAN",
        None,
        "The plan to advance along, below the ceiling: `standard`, `conservative`, `growth`, `mature`, or a YAML file (docs/rollout-plans.md); `none` ends the plan in force, unset leaves it: without a plan the ceiling alone is the share.",
        hot=True,
    )
    advance: Literal["manual", "automatic"] | None = env(
        "SRP_ROLLOUT_ADVANCE",
        None,
        "manual or automatic: who takes the plan to its next stage; default as the plan says.",
        hot=True,
    )
    margin_error_rate: Fraction | None = env(
        "SRP_MARGIN_ERROR_RATE",
        None,
        "How much higher an arm's error rate may be than the control's; default as the plan says, else 0.005.",
        hot=True,
    )
    margin_quality: Fraction | None = env(
        "SRP_MARGIN_QUALITY",
        None,
        "How much higher an arm's rate of wrong answers may be than the control's; default as the plan says, else 0.",
        hot=True,
    )
    margin_latency: Ratio | None = env(
        "SRP_MARGIN_LATENCY",
        None,
        "How many times the control's p95 latency an arm's may be; default as the plan says, else 3.",
        hot=True,
    )
    margin_cost: Ratio | None = env(
        "SRP_MARGIN_COST",
        None,
        "How many times the control's cost of a request an arm's may be; default as the plan says, else 5.",
        hot=True,
    )
    alpha: Alpha | None = env(
        "SRP_ROLLBACK_ALPHA",
        None,
        "How often, at most, a harmless arm may be rolled back by comparison; default as the plan says, else 0.05.",
        hot=True,
    )
    shadow_percentage: Percentage | None = env(
        "SRP_SHADOW_PERCENTAGE",
        None,
        "Share of the legacy path's requests that take the new path too, unseen by the caller and at your cost, in percent; default as the plan says, else 0.",
        hot=True,
    )
    shadow_max_in_flight: Count = env(
        "SRP_SHADOW_MAX_IN_FLIGHT", 8, "Shadow requests at once a process; more are skipped."
    )
    experiment: Token = env(
        "SRP_EXPERIMENT",
        "srp-wall-bounce",
        "Salt of the sticky buckets: another name picks other callers first.",
    )
    legacy_chain: NameList = env(
        "WALLBOUNCE_LEGACY_CHAIN",
        ("gemini", "gpt", "claude"),
        "The legacy path's vendor and its fallbacks, in order.",
    )


class Consensus(Section):
    """How answers are weighed and from which figures on the answer warns."""

    confidence_min: Fraction = env(
        "CONSENSUS_CONFIDENCE_MIN",
        0.7,
        "Floor of confidence; below it the answer says so.",
        hot=True,
    )
    agreement_min: Fraction = env("CONSENSUS_AGREEMENT_MIN", 0.6, "Floor of agreement.", hot=True)
    coherence_min: Fraction = env("CONSENSUS_COHERENCE_MIN", 0.8, "Floor of coherence.", hot=True)
    relevance_min: Fraction = env("CONSENSUS_RELEVANCE_MIN", 0.9, "Floor of relevance.", hot=True)
    weights: Weights = env(
        "CONSENSUS_WEIGHTS",
        (),
        "Weights of providers, `gpt=1,claude=1.2`; who is not named weighs 1.",
    )
    straggler_patience: MillisecondsOrNone = env(
        "CONSENSUS_STRAGGLER_PATIENCE_MS",
        timedelta(seconds=5),
        "How long a vendor is waited for once the others have decided, or twice the slowest answer; less where it is known to be quicker. 0 waits to the deadline, always.",
    )
    embedding: Token = env(
        "WALLBOUNCE_EMBEDDING",
        "static",
        "`static` (shipped), `off`, or a sentence-transformers model (extra `transformers`).",
    )
    entailment: Token = env(
        "WALLBOUNCE_ENTAILMENT",
        "shipped",
        "Judges free text that types and rules leave open: `shipped`, `off`, or a cross-encoder (extra `transformers`).",
    )
    judges: NameList = env(
        "WALLBOUNCE_JUDGES",
        (),
        "Providers that judge whether two answers say the same where nothing else decides, at least two vendors'; costs two calls a pair, within the request's budget and time; none: off.",
    )


class Learning(Section):
    """What feedback and answered requests teach, and where that is kept."""

    enabled: Boolean = env(
        "LEARNING_ENABLED",
        True,
        "Whether feedback teaches which providers to believe; off, the shipped prior judges and no patterns are kept.",
    )
    window: LessonCount = env(
        "LEARNING_WINDOW",
        2_000,
        "Labelled answers learned from, the newest; each process holds them, 5 kB each.",
    )
    half_life: Count = env(
        "LEARNING_HALF_LIFE",
        700,
        "Labelled answers after which one counts half; fewer follow a change sooner.",
    )
    steering: Literal["off", "weights", "full"] = env(
        "LEARNING_STEERING",
        "off",
        "What the engine's advice changes: `off`, nothing; `weights`, how votes count; `full`, also who is asked and how deep to go. Never whom a `critical` request asks.",
    )
    escalation: Boolean = env(
        "LEARNING_ESCALATION",
        False,
        "Whether advice may have a part of the panel asked first, and the rest only where that is not enough; with `full` steering.",
    )
    exploration: ExploredShare = env(
        "LEARNING_EXPLORATION",
        0.0,
        "Share of requests whose vendors may be drawn, to learn of those seldom asked; with `full` steering and a budget.",
    )
    exploration_budget_usd: DailyUsd = env(
        "LEARNING_EXPLORATION_BUDGET_USD",
        0.0,
        "What such requests may cost a day, in USD; 0: nothing is explored.",
    )
    patterns: Boolean = env(
        "LEARNING_PATTERNS",
        True,
        "Whether answered requests are kept as patterns: what was asked as a vector and words, who answered, how it went.",
    )
    words: Literal["plain", "off"] = env(
        "LEARNING_WORDS",
        "plain",
        "`plain` keeps the content words of a prompt beside its vector; `off` keeps none, then patterns are found by vector alone.",
    )
    storage_dir: Path | None = env(
        "LEARNING_STORAGE_DIR",
        None,
        "Where the index of patterns is kept, made anew from the database when lost; default `learning` in WALLBOUNCE_DATA_DIR.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = env(
        "LEARNING_LOG_LEVEL", "info", "Of the learning logs: debug, info, warning or error."
    )
    log_dir: Path | None = env(
        "LEARNING_LOG_DIR",
        None,
        "Where operations.log and errors.log are written; default `logs` in LEARNING_STORAGE_DIR.",
    )
    metrics_dir: Path | None = env(
        "LEARNING_METRICS_DIR",
        None,
        "Where metrics.jsonl is written; default `metrics` in LEARNING_STORAGE_DIR.",
    )
    buffer_size: Count = env(
        "LEARNING_BUFFER_SIZE",
        10_000,
        "Requests that may wait to become patterns, some 5 kB each; more are dropped and counted.",
    )
    max_patterns: Count = env(
        "LEARNING_MAX_PATTERNS",
        1_000_000,
        "Patterns kept; beyond, those go that were used and told least, oldest first.",
    )
    index_cache_ttl: SecondsOrNone = env(
        "LEARNING_INDEX_CACHE_TTL",
        timedelta(seconds=60),
        "How long what a search found may be found again without searching, in seconds; 0 searches each time.",
    )
    graph_interval: SecondsOrNone = env(
        "LEARNING_GRAPH_INTERVAL",
        timedelta(hours=1),
        "How often families of questions are found anew, in another process, in seconds; 0 never.",
    )


class Alerts(Section):
    """Who is told when something is wrong; the rules themselves are in docs/alerts.md."""

    urls: AlertAddresses = env(
        "WALLBOUNCE_ALERT_URLS",
        (),
        "Channels by apprise's URLs, each with the level from which it is told: `warning=slack://…, critical=mailto://…`; none: alerts are logged only.",
    )
    quiet_hours: QuietTime | None = env(
        "WALLBOUNCE_ALERT_QUIET_HOURS",
        None,
        "Hours in which warnings wait; critical ones and emergencies never do.",
    )
    repeat: Seconds = env(
        "WALLBOUNCE_ALERT_REPEAT_SECONDS",
        timedelta(hours=4),
        "After how long an alert that goes on is told again.",
    )


class Server(Section):
    """The process itself."""

    instance_id: Token | None = env(
        "SRP_INSTANCE_ID",
        None,
        "Name of this instance in records, logs and metrics; default host name.",
    )
    data_dir: Path = env(
        "WALLBOUNCE_DATA_DIR",
        Path(".wallbounce"),
        "Where the default database and the pid file live.",
    )
    database_url: DatabaseUrl | None = env(
        "DATABASE_URL", None, "sqlite or postgresql URL; default SQLite in WALLBOUNCE_DATA_DIR."
    )
    redis_url: RedisUrl | None = env(
        "REDIS_URL",
        None,
        "Over it processes tell each other at once what they decide and see; several workers need it. Without: the database alone.",
    )
    api_keys: KeyList = env(
        "WALLBOUNCE_API_KEYS",
        (),
        "Keys callers must bear, comma-separated; none: generate is open.",
    )
    operator_keys: KeyList = env(
        "WALLBOUNCE_OPERATOR_KEYS",
        (),
        "Keys operators must bear; none: every operator POST is refused.",
    )
    max_in_flight: Count = env(
        "WALLBOUNCE_MAX_IN_FLIGHT",
        256,
        "Requests answered at once a process; more get 503 with Retry-After.",
    )
    max_body_bytes: Count = env(
        "WALLBOUNCE_MAX_BODY_BYTES", 4_000_000, "Largest request body; more gets 413."
    )
    drain: Seconds = env(
        "WALLBOUNCE_DRAIN_SECONDS",
        timedelta(seconds=30),
        "How long running requests may finish after SIGTERM.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = env(
        "WALLBOUNCE_LOG_LEVEL", "info", "debug, info, warning or error."
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one process."""

    vendors: Vendors
    rollout: Rollout
    consensus: Consensus
    learning: Learning
    alerts: Alerts
    server: Server

    @property
    def database_url(self) -> str:
        """The database in use: the one named, or SQLite in the data folder."""
        if self.server.database_url is not None:
            return self.server.database_url.get_secret_value()
        return f"sqlite+aiosqlite:///{self.server.data_dir.absolute() / 'wallbounce.sqlite3'}"

    @property
    def learning_dir(self) -> Path:
        """Where what is derived from patterns is kept; may not be there yet."""
        return self.learning.storage_dir or self.server.data_dir.absolute() / "learning"

    @property
    def learning_log_dir(self) -> Path:
        """Where operations.log and errors.log are written."""
        return self.learning.log_dir or self.learning_dir / "logs"

    @property
    def learning_metrics_dir(self) -> Path:
        """Where metrics.jsonl is written."""
        return self.learning.metrics_dir or self.learning_dir / "metrics"

    @property
    def google_key(self) -> SecretStr | None:
        """Google's key under either of its names."""
        return self.vendors.google_api_key or self.vendors.gemini_api_key


SECTIONS: dict[str, type[Section]] = {
    "vendors": Vendors,
    "rollout": Rollout,
    "consensus": Consensus,
    "learning": Learning,
    "alerts": Alerts,
    "server": Server,
}
assert list(SECTIONS) == [f.name for f in fields(Settings)]  # noqa: S101 - a section not read would keep its defaults

HOT_VARIABLES = frozenset(
    field.alias
    for section in SECTIONS.values()
    for field in section.model_fields.values()
    if field.alias and isinstance(field.json_schema_extra, dict) and field.json_schema_extra["hot"]
)
"""What SIGHUP applies; for these `.env` beats the environment the process started with (API.md)."""
