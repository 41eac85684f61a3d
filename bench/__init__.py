"""Benchmarks: what the gateway costs, measured beside what it is compared with (docs/benchmarks.md)."""
