"""A build from a workload to an image with its artifacts."""
