"""Identities between functions, roots and quotients, by the laws of algebra.

An expression becomes a polynomial in atoms: entries, sums, powers of polynomials, exponentials,
other functions, conditions.  Two expressions are equal if the polynomial of their difference
vanishes.  Every power counts as having a value: 0 to a negative power is 0.  With that, a product
of powers needs no side condition until an exponent comes to nothing or is broken; there it is
asked what is known of the base (``verify.equality.algebra.signs``), and nothing is cancelled
otherwise.
"""
