"""Assessing an estate of any size, one host at a time: the first pass, and where results are stored."""
