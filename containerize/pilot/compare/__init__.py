"""Comparison of two answers as aligned trees, with noise learned from the live server."""
