"""Sequential statistics: evidence that may be looked at after every request, and still means what it says."""
