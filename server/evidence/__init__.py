"""Evidence: photos and how their bytes arrive. Pure of the web and of the database; both are handed in."""
