"""Software that is past its end."""
