"""Training: data, steps, and what came of it."""
