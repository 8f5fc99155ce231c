"""Lines of configuration and code, and the addresses and names in them."""
