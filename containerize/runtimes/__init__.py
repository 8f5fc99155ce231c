"""What runs containers: one backend a file, and RUNTIMES in the order in which they are tried."""
