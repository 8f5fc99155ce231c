"""Questions that a build asks a host beyond the inventory: file tree, package lists and current processes.

Plain sh, nothing installed, nothing written; a handful of round trips over one connection. The answers are turned into
typed facts here; what they mean for an image is decided in :mod:`containerize.closure`.
"""
