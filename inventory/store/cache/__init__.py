"""Parsed facts and first judgements, stored so that no recording is parsed twice."""
