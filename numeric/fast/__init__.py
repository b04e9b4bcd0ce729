"""Fast cross-correlations: templates that generated modules contain, and when each is used."""
