"""Push images to a registry that implements the OCI distribution specification."""
