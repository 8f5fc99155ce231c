"""What the one shared kernel and CPU of a target must offer."""
