"""The oracle: what must be true (protocol section 9), by books of its own. Nothing that decides is asked."""
