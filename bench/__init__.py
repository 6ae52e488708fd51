"""What is measured: `python -m bench.<name>` prints a JSON line for each figure."""
