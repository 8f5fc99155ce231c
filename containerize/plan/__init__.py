"""The plan of an image, each part with its reason, and the code that makes it."""
