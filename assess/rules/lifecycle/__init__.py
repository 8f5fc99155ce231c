"""Rules about software that has reached end of life."""
