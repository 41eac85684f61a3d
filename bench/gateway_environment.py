"""The settings of a gateway under test: the mock vendors, all traffic on the wall-bounce path."""

from __future__ import annotations


def gateway_environment(upstream: str) -> dict[str, str]:
    """As environment variables; ``upstream`` is the mock vendors' address, without a path."""
    return {
        "OPENAI_API_KEY": "bench",
        "OPENAI_BASE_URL": f"{upstream}/v1",
        "ANTHROPIC_API_KEY": "bench",
        "ANTHROPIC_BASE_URL": upstream,
        "GOOGLE_API_KEY": "bench",
        "GEMINI_BASE_URL": upstream,
        "USE_SRP_WALL_BOUNCE": "true",
        "SRP_TRAFFIC_PERCENTAGE": "100",
        "SRP_INSTANCE_ID": "bench",
    }
