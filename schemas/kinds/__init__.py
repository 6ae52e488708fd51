"""One file per thing; ``schemas.catalogue`` gathers them."""
