"""Sixty backward functions in the manner of course repositories, with labels (`labels.json`).

Thirty are right, thirty hold one mistake, two of these a second one in another gradient.  A label
says for which layer the function is meant (`of`, `options`, `wrt`, as `derive check --code` takes
them), how it is called where that is not plain (`convention`, `call`), which gradients it returns
and in which order, which of them are `wrong`, what the `mistake` is and `where` it shows, and its
`manners`.  `label.py` is what the labels rest on: central differences of forward functions written
there.  `failing.json` holds the random cases in which the wrong ones failed.

Everything here is frozen: it is material, mistakes included, and is not to be repaired.  It was
written without knowledge of the checker's reasons.
"""
