"""From the processes of a host to its workloads: what belongs together, what it is called, what it needs."""

from assess.workloads.discovery import find_workloads

__all__ = ["find_workloads"]
