"""Code held against its layer, ours and a user's: cases, what is true of them, what is refuted."""
