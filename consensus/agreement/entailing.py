"""The entailment model as the comparison knows it (`consensus.entailment.judgement`)."""

from consensus.entailment.judgement import Entailment, Judgement

__all__ = ["Entailment", "Judgement"]
