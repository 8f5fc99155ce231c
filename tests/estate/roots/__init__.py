"""Hosts made of a root file system that somebody unpacked; see README.md."""
