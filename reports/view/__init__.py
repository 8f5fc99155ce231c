"""From the words of the domain to plain rows and sentences. Every decision of the report is made here.

Templates and the script only lay out what these rows say, so that the static page and the interactive one cannot
disagree.
"""
