"""The process in which a user's file runs, from both sides."""
