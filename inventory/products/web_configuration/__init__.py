"""Readers of the configuration of web servers and proxies."""
