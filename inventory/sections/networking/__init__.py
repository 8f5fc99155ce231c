"""Network configuration and sockets."""
