"""Rules about how processes start and what they rely on at start."""
