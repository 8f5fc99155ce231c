"""Scans: collecting one host, many hosts at once, and repeated samples."""
