"""Typed facts, one module a section. Frozen, without I/O; each item knows where in the recording it was read."""
