"""Vendors that fail, hang or slow down: who is asked, when again, how often at once, and when no more."""

from providers.resilience.resilient import Resilient
from providers.resilience.retries import RetryBudget, RetryPolicy
from providers.resilience.terms import Terms

__all__ = ["Resilient", "RetryBudget", "RetryPolicy", "Terms"]
