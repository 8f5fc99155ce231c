"""Images from workloads, and pilots that compare them with the live services."""
