"""Makes the shipped entailment model: ``python -m consensus.entailment.train``; needs torch."""
