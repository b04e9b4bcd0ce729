"""Network architectures: one module a preset, discovered.

Each module has ``SUMMARY``, its one-line description, and a function
``layers(classes) -> [(layer, sizes its input leaves open)]``, from the image to the logits.
"""
