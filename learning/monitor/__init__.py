"""What requests amount to by day, whether that changes, and whether a vendor has: figures, trend, drift. Pure."""
