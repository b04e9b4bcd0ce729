"""A derivation replayed: its frame, every step, the layer of the gradient, the named forms.

Nothing here uses the engine or its rules.  Of ``derive`` there are the data (terms, layers,
derivations, instances of forms), the deciders of ``derive.domains``, and the printer for messages.

    derivations   the verdict, from everything below
    structure     the chain rule over every path, definitions, links between steps; the layer
    spelling      what is computed is what was written, its guards spelled out
    steps         one step: its place, its identity, its side conditions
    identities/   what the rules claim, written down and recognised anew; one module a theme
    places        what may be assumed at a place          values     when an expression has a value
    canonical     when two expressions are the same       binding    substitution without capture
    polynomials   the checker's own arithmetic            indices    solving and dividing
    named, forms/ which results deserve which name, and what is said of them
    sampling      exact values at small sizes, and the smallest sizes that differ
"""
