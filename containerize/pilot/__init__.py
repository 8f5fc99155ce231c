"""Run an image, compare it with the live service, and report a verdict."""
