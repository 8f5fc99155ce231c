"""Tables of what is known about products, systems and kernels, and the modules that read them."""
