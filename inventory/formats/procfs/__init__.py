"""The forms in which /proc is read in batches, a few processes of the host's tools for all of its processes.

A fork for each process of a host costs seconds of its CPU, so the fragments hand all files of a kind to one ``grep`` or
``ls``. This package reads what those print: :mod:`records` for ``grep -aH ''``, :mod:`links` for ``ls -ln``.
"""
