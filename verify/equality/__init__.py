"""Whether two expressions are the same for all sizes."""
