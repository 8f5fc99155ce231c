"""What to build for a workload, and whether it really runs."""
