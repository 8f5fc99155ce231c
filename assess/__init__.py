"""Judge what can move into containers: workloads, rules, scores, and the plan of the estate."""
