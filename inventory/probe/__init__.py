"""The script that a host runs, and the recording made of its answer."""
