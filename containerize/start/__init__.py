"""The start of a service as its manager runs it, read from units, init scripts and entries of supervisors."""
