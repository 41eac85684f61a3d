"""Whether two answers to one question agree: an entailment model of our own, or any by name."""
