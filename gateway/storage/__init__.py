"""What outlives a process: the journal of requests, and the state of the rollout, in SQL."""
