"""Layers and networks as PyTorch modules, for all that trains those: optimisers, several machines.

function  a kernel of the target ``torch`` as a function that autograd calls and does not look into
layers    a layer as a module
networks  a network as a module, with parameters of the same names
"""
