"""Recordings for strangers: names of people, hosts and networks replaced, and everything else as it was."""
