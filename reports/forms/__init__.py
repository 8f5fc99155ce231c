"""Forms of what the report commands print for programs."""
