"""What is on a host: facts with their provenance, and no opinion about them."""
