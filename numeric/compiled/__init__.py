"""Array programs as loop nests that a compiler takes: what is put into what, and the text."""
