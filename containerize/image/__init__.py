"""An OCI image from a plan: layers, package lists, and the search for secrets in the result."""
