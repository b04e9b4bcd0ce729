"""Every reason to believe a derivation or a program.

Nothing here trusts the code it judges: layers are evaluated from their written equations, exactly,
and what the engine derived is compared with that.
"""
