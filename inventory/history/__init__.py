"""Comparison of scans over time: differences and fingerprints of facts."""
