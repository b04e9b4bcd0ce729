"""Typical mistakes, each as a layer that somebody takes for the right one."""
