"""What `make bench` runs: our figures beside the raw limits of the same run, one JSON line each."""
