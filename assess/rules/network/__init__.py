"""Ports and addresses: a container host has one TCP/IP stack."""
