"""Code held against its layer: cases, what is true of them, properties run, failures shown."""
