"""How another policy would have done on requests where only the choice of the one in force was seen.

Each logged choice came with its propensity, the probability with which it was made. That is what an
estimate for another policy rests on: `weights` says how far the log supports one at all, `estimators`
gives it, `reward_model` predicts what was not seen, `history` puts them together for recorded requests.
"""
