"""A user's backward function, run in a process of its own and held against the derived gradient.

The verdict is *tested* at best: code is only ever tried, at sampled sizes and values.
"""
