"""The search for better settings: proposed on the earlier part of a stream, judged on the later part.

`space` says what may be set, `optuna_door` proposes, `verdict` says whether what was found is better where
it was not searched.
"""
