"""The meaning of the language: layers evaluated over any arithmetic, entry by entry."""
