"""Web pages that a pilot requests from the live service and its copy."""
