"""The plan of an image: each part of it with its reason, and the code that makes it."""
