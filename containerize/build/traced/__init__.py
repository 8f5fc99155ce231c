"""Smaller images from the files that a pilot's containers open."""
