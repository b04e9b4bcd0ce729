"""The catalog: one file a layer, discovered.

Each module has ``SUMMARY``, its one-line definition for ``derive list``, and a function
``notation(**options) -> Definition`` whose keyword parameters are the layer's options.  The files
hold notation text and need neither SymPy nor a parser.
"""
