"""Facts of the stored scan about one workload, as planning, emitters and pilots need them."""
