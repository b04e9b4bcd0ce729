"""Worked examples: one gradient in small numbers."""
