"""Secret values of one workload: finding them, holding them in memory, masking them."""
