"""Needs of a workload beyond a plain container, and the grants that allow them."""
