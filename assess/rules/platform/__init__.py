"""Rules about operating systems that do not match the target."""
