"""The container hosts that workloads are judged against."""
