"""What the facts mean: workloads, rules, scores, ports."""
