"""What must not be lost when a container is thrown away."""
