"""Advice: whom to ask, how much to trust each and how deep to go, from what is known of like questions."""
