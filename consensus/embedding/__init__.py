"""Embedding models: which texts are about the same thing."""
