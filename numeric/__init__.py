"""Programs generated from layers, and what is done with them: empty so far.

The house order is derive → verify → numeric → cli.
"""
