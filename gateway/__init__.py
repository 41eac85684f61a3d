"""The only place where all floors meet: HTTP, guard, rollout, monitoring, storage, CLI."""
