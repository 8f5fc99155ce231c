"""Rules about data that must survive the container."""
