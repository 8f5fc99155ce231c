"""Where workloads go and at which ports they are reached there: one problem, since a port conflict exists on a target.

``problem`` has the terms, ``claims`` the ports of one container host, ``solve`` the whole estate. Nothing here knows
hosts or snapshots; :mod:`assess.planning.placement.demands` makes a problem of an estate.
"""
