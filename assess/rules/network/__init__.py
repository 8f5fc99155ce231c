"""Rules about ports and addresses: all containers of a host share one TCP/IP stack."""
