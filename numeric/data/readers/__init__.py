"""Ways to keep labelled images in files: one module each, discovered.

A module has ``SUMMARY``, a few words for messages, ``fits(path)``, which looks at names only, and
``read(path) -> Collection``, which refuses what is damaged with a ``ValueError`` that names the
file.  ``PRIORITY`` orders them.
"""
