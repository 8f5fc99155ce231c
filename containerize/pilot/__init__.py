"""Run an image, compare it with the live service, give a verdict."""
