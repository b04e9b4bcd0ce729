"""Data sets that have a name: one module each, discovered.

A module has ``SUMMARY``, its one-line description, and ``load() -> Collection``.
"""
