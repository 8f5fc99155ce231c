"""Rules about secrets and privileges."""
