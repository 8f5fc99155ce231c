"""Measurements side by side with peers, in one run. They print tables; nothing asserts a time."""
