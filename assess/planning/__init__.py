"""The plan of the whole estate: applications, dependencies, waves, effort, ports and placement."""
