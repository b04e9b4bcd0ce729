"""Experiments: many small trainings, and what they say together.

plan         what one training is: a network, a recipe, images and a seed
fitting      one training by its plan, and its figures
results      a folder of results: a line of JSON for each training
grid         all trainings that are missing, in parallel processes
statistics   means, spreads, and whether a difference exceeds its spread
charts       pictures
compare      ``derive compare``: one module of ``comparisons`` for each claim
"""
