"""The workspace on disk and the database in it."""
