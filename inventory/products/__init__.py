"""Everything known about each server product, for all layers: one TOML file for each product."""
