"""Everything that talks to a model, and the words for it."""
