"""Rules about what must stay together."""
