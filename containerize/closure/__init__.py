"""The files of a host that a workload needs, each with its reason."""
