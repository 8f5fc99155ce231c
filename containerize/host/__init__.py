"""What a build asks of a host, beyond the inventory: the tree of files, package lists, processes as they are now.

Plain sh, nothing installed, nothing written; a handful of round trips over one connection. The answers are turned into
typed facts here; what they mean for an image is decided in :mod:`containerize.closure`.
"""
