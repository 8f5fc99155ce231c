"""Reports, tables and commands for people and programs."""
