"""Bad input of every kind: whatever is sent, the server never breaks, and what was good before stays good."""
