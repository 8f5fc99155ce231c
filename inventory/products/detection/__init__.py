"""The detection of products that run on a host: web servers, Java, application servers, databases, certificates.

Each module is a pure function from the values of sections to facts with an origin; nothing is asked of the host for it.
:class:`inventory.product_facts.ProductFacts` makes them properties of a snapshot.
"""
