"""What generated modules contain as it stands: nothing here imports more than NumPy."""
