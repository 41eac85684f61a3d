"""One log line a request, read off its record: who got what, how fast, for how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from learning.records import RequestRecord

_log = structlog.get_logger(__name__)


def log_request(record: RequestRecord) -> None:
    """Write the line of a finished request; neither prompt nor answer nor the caller's id is in it."""
    _log.info(
        "request",
        request_id=record.request_id,
        arm=record.arm,
        status=record.status,
        code=record.code,
        task_type=record.task_type,
        streamed=record.streamed,
        latency_ms=round(record.latency_ms, 1),
        overhead_ms=round(record.overhead_ms, 1),
        cost_usd=record.cost_usd,
        consensus=record.consensus_status,
        confidence=record.confidence,
        failed={v.provider: v.error_code for v in record.votes if v.error_code} or None,
    )
