"""Keeping a house alive: backup and restore (`docs/deploy.md`). Storage and blobs are handed in."""
