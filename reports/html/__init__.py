"""The HTML report as one file."""
