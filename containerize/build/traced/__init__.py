"""What a pilot's containers open, seen from outside of them, and the smaller image that follows from it."""
