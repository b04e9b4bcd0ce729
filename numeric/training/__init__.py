"""Training: a network, images and a recipe, and a folder that all of it is written into.

recipe       everything that is chosen, as one value
streams      random streams, each for one purpose and one epoch
preparing    from words to a training
state        a training between two epochs
loop         epochs of steps
files, folder, checkpoints   what is written, whole or not at all; one process at a time
running      from the folder's first file to its last
reporting, pictures, command   what is told
"""
