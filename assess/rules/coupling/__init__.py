"""What must stay together."""
