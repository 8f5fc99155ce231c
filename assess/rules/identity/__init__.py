"""What ties a workload to one machine: licences, numbers of the hardware, names."""
