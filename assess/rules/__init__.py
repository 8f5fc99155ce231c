"""What stands in the way of a workload: one rule a file, and RULES, the whole list."""
