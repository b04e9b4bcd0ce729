"""A second reading of the notation, written from docs/notation.md and nothing else.

Nothing here imports or imitates the project's own evaluators; random layers are computed by both.
"""
