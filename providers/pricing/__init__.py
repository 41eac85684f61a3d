"""What a call costs: rates by class of tokens, price lists, their dates, and bounds before the call."""
