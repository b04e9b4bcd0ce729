"""The code of a target tried: all properties in drawn cases, a failure as a program."""
