"""Rules about what ties a workload to one machine: licences, hardware ids, names."""
