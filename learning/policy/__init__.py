"""Policies: what is in force of all that was learned, as documents with a version."""
