"""Installed packages of the system and of programming languages."""
