"""The six-layer index: finds the patterns most like a question, among a million, in milliseconds."""
