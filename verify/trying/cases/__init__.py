"""What code is tried on: sizes and hyperparameters that a layer allows, tensors filled."""
