"""One JSON line an event, ours and other libraries' alike, without prompts, answers or keys.

Every line has ``timestamp`` (UTC), ``level``, ``event``, ``logger`` where there is one, ``instance``,
and ``request_id`` inside a request (bound with ``structlog.contextvars``).

What keeps contents out, from the inside outwards: fields that carry contents are dropped by name;
an exception is shown by type and place, not by its message, which may quote what it could not
parse; the rest is scrubbed of the configured keys and of whatever looks like one.
"""

from __future__ import annotations

import logging
import logging.config
import re
import sys
import traceback
from typing import TYPE_CHECKING, Any

import orjson
import structlog

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from pydantic import SecretStr
    from structlog.typing import EventDict, Processor, WrappedLogger

FORBIDDEN_FIELDS = frozenset(
    {
        *("prompt", "prompts", "question", "message", "messages", "content", "text", "system"),
        *("answer", "answers", "final_answer", "completion", "reply", "delta", "comment"),
        *("body", "payload", "request", "response", "headers", "params", "metadata"),
        *("authorization", "api_key", "key", "token", "secret", "password", "cookie"),
    }
)
"""Names under which contents or credentials travel in this code base; their values never show."""

REMOVED = "[removed]"

_LOOKS_LIKE_A_KEY = re.compile(
    r"(?:sk|pk|rk)-[\w-]{8,}"  # OpenAI, Anthropic
    r"|AIza[\w-]{20,}"  # Google
    r"|(?i:bearer\s+)\S+"
    r"|(?i:(?<=[?&]key=)|(?<=api_key=)|(?<=token=))[^\s&\"']+"
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"  # user and password in a URL
)

_QUIET = {
    # Each writes URLs or bodies of vendors' calls below WARNING.
    "httpx": "WARNING",
    "httpcore": "WARNING",
    "aiohttp": "WARNING",
    "LiteLLM": "ERROR",
    "sqlalchemy": "WARNING",
    "aiosqlite": "WARNING",
    "asyncio": "WARNING",
    "hpack": "WARNING",
}

_SHORTEST_SECRET = 4
"""Scrubbing a shorter key would eat ordinary words."""

_FOREIGN_LIMIT = 500
"""Characters kept of another library's line: enough to know it, too few for a document."""


def configure_logging(
    stream: TextIO, *, level: str, instance: str, secrets: Iterable[SecretStr] = ()
) -> None:
    """Send all logging of this process to ``stream``, one JSON object a line.

    Uvicorn must be started with ``log_config=None``: its loggers then end up here too.

    Args:
        stream: Where lines go; stderr in production, so that stdout stays the commands' own.
        level: ``debug``, ``info``, ``warning`` or ``error``; other libraries stay at ``info`` or above.
        instance: Which process speaks.
        secrets: Values that must never show, whatever field or message they turn up in.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    scrub = Scrubber(s.get_secret_value() for s in secrets)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _Instance(instance),
        _place_of_exception,
        scrub,
    ]
    structlog.configure(
        processors=[*shared, _as_json],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,  # loggers made at import must follow this configuration
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, _foreign, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _as_json],
            pass_foreign_args=True,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(number, logging.INFO))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        theirs = logging.getLogger(name)
        theirs.handlers.clear()
        theirs.propagate = True
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(number, logging.getLevelNamesMapping()[least]))
    logging.captureWarnings(capture=True)


class Scrubber:
    """Removes forbidden fields and keys from an event; a structlog processor."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({s for s in secrets if len(s) >= _SHORTEST_SECRET}, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """The event without what must not show."""
        return {
            name: REMOVED if name.lower() in FORBIDDEN_FIELDS else self._clean(value)
            for name, value in event.items()
            if not name.startswith("_") or name in {"_record", "_from_structlog"}
        }

    def _clean(self, value: Any) -> Any:
        match value:
            case str():
                text = _LOOKS_LIKE_A_KEY.sub(REMOVED, value)
                return self._secrets.sub(REMOVED, text) if self._secrets else text
            case dict():
                return {
                    str(k): REMOVED if str(k).lower() in FORBIDDEN_FIELDS else self._clean(v)
                    for k, v in value.items()
                }
            case list() | tuple() | set() | frozenset():
                return [self._clean(v) for v in value]
            case BaseException():
                return type(value).__name__
            case bool() | int() | float() | None | logging.LogRecord():
                return value
            case _:
                return self._clean(str(value))


class _Instance:
    """Adds the name of this instance."""

    def __init__(self, instance: str) -> None:
        self._instance = instance

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["instance"] = self._instance
        return event


def _place_of_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace ``exc_info`` by the types of the exception and its causes, and where it happened."""
    info = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if not info:
        return event
    error = info if isinstance(info, BaseException) else _current(info)
    if error is None:
        return event
    event["exception"] = type(error).__name__
    event["frames"] = [
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    causes = []
    seen = {id(error)}
    cause = error.__cause__ or error.__context__
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        causes.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    if causes:
        event["causes"] = causes
    return event


def _current(info: Any) -> BaseException | None:
    found = info[1] if isinstance(info, tuple) else sys.exc_info()[1]
    return found if isinstance(found, BaseException) else None


def _foreign(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Cut another library's line short, and take uvicorn's access line apart."""
    args = event.pop("positional_args", ())
    if event["_record"].name == "uvicorn.access":
        match args:
            case (_, str(method), str(path), _, status):
                # The query may carry anything, and the address is a person's.
                event["event"] = "http_request"
                event["method"] = method
                event["path"] = path.split("?", 1)[0]
                event["status"] = status
                return event
            case _:
                pass
    event["event"] = str(event["event"])[:_FOREIGN_LIMIT]
    return event


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
