"""Gemini behind Google's ``generateContent``: what it is asked, how its replies are read, the adapter.

Wire format: ai.google.dev/api/generate-content.
"""

from providers.gemini.adapter import BASE_URL, Gemini
from providers.gemini.dialect import GeminiDialect

__all__ = ["BASE_URL", "Gemini", "GeminiDialect"]
