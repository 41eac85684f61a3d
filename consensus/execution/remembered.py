"""A computed answer, computed once: a request is decided on anew with each answer that comes in."""

from functools import lru_cache

from consensus.execution.computed import computed_answer

PROMPTS = 64
"""How many are remembered: those under way."""

remembered_answer = lru_cache(maxsize=PROMPTS)(computed_answer)
