"""Rows and sentences of the report. Every decision about its content is made here.

Templates and the script only lay out what these rows say, so that the static page and the interactive one cannot
disagree.
"""
