"""OpenAI's Chat Completions: models, wishes, turns, the dialect, and the adapter."""

from providers.openai.adapter import BASE_URL, OpenAI
from providers.openai.dialect import OpenAIDialect

__all__ = ["BASE_URL", "OpenAI", "OpenAIDialect"]
