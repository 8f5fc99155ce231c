"""The commands that need no more than this package."""
