"""File contents from a host into the content store."""
