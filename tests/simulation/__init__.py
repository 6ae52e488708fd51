"""The simulator: histories of devices and a server that anything may happen to, and an oracle beside them."""
