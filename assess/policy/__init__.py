"""The policy of an estate, ``brownfield.yaml`` next to the inventory: custom rules, waivers, and corrections of
workloads.
"""
