"""Simulated rollouts: how often a harmless arm is rolled back, and how fast a harmful one is."""
