"""Which files of a host a workload needs, each with its reason."""
