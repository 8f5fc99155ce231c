"""Many hosts at once, on any ``concurrent.futures`` executor."""
