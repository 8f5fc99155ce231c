"""Whether two answers say the same: trees of what they hold, aligned, with noise learned from the live server."""
