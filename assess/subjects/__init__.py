"""A host, its workloads and the estate as rules see them, and the questions that several rules ask of them."""
