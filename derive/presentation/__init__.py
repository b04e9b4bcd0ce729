"""What is told of a derivation, and the formats it is told in."""
