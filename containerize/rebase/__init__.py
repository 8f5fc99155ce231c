"""Swapping newer packages of the same release into an image that was built, and leaving the application as it is."""
