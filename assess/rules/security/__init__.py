"""Secrets and privilege."""
