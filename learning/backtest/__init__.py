"""Replays of recorded answers: how good the consensus would have been, and how well it reads."""
