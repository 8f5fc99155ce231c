"""Block devices and file systems."""
