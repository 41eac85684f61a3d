"""Claude behind Anthropic's Messages API: what it is asked, how its replies are read, the adapter.

Wire format: platform.claude.com/docs/en/api/messages and …/build-with-claude/streaming.
"""

from providers.anthropic.adapter import BASE_URL, Anthropic
from providers.anthropic.dialect import AnthropicDialect
from providers.anthropic.wishes import DEFAULT_VERSION, Version

__all__ = ["BASE_URL", "DEFAULT_VERSION", "Anthropic", "AnthropicDialect", "Version"]
