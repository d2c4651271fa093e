"""The verbs that touch the world: read and apply."""
