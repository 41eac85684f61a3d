"""How the learning engine grows: registration, search, memory, opening and families by number of patterns."""
