"""What a command line needs to speak of layers: its commands, and what their words mean."""
