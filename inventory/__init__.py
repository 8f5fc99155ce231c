"""The facts of hosts with their provenance, without judging them."""
