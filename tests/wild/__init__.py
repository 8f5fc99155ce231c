"""Real services of Debian's archive and own applications: set up, built into images, and asked by a real client."""
