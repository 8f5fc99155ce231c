"""Ansible inventory files and settings, and the passwords that they leave to a prompt."""
