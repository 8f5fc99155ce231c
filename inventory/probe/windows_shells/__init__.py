"""Asking Windows: the questions of sections put into PowerShell or lines for cmd.exe, and readers of the answers."""
