"""The oracle: what must be true (protocol section 9), with its own bookkeeping. It imports nothing that decides."""
