"""Protocols that a pilot speaks with the live service and its copy."""
