"""What processes tell each other at once, and share for a while, in Redis; imported only with a REDIS_URL."""
