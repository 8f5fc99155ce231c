"""Sending images to a registry that speaks the OCI distribution specification."""
