"""Place workloads on container hosts and assign their ports, as one problem: a port conflict exists on a target."""
