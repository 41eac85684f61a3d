"""How much traffic takes the wall-bounce path, who gets it, and what takes it away again."""
