"""Ways to a host: one a file, and the table that says which connection goes which way."""
