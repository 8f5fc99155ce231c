"""Group the processes of a host into workloads, name them, and find what each needs."""

from assess.workloads.discovery import find_workloads

__all__ = ["find_workloads"]
