"""Data sets: one module a data set, discovered.

Each module has ``SUMMARY``, its one-line description, and a function ``load() -> DataSet``.
Nothing is downloaded: data come with packages, and where one is missing ``load`` raises
``ValueError`` and says how to install it.
"""
