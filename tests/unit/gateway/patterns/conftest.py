"""Fixtures of this folder's tests."""

from tests.support.postgres import own_postgres_cluster, postgres_cluster
from tests.support.storage import database, database_url

__all__ = ["database", "database_url", "own_postgres_cluster", "postgres_cluster"]
