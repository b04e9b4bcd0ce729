"""Reverse mode in recorded steps: rules, where they apply, and the gradient as a layer again."""
