"""Where runs of a backtest or a search are noted: one `tracker.Tracker`, and a door for each kind of place.

`opening.open_tracker` picks the door; each imports its library only when it is opened.
"""
