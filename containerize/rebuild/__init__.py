"""Rebuilds: a Containerfile as a person would write it, and its build context."""
