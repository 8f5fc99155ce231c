"""The small program that runs as process 1 of an image: its settings, its source in C and its binaries."""
