"""Python text for programs and layers: names, expressions, and what every function begins with."""
