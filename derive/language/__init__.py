"""The object language: what a layer is made of, how it is written, and when two terms are one."""
