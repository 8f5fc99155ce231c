"""Strict reading and reproducible writing of tar archives."""
