"""Wrong programs, made from right ones on purpose: what the properties have to notice.

``texts`` changes one place in the text of a generated module, ``formulas`` one place in the
equations that code is generated from; ``score`` counts which of them some property refutes.
"""
