"""Whom to believe, and how far: one model that chooses among the answers and states the probability.

`figures` reads out of a panel what tells right from wrong, `model` turns a ballot into probabilities,
`parameters` holds what was fitted, `topics` places a question among the topics it was fitted on.
"""
