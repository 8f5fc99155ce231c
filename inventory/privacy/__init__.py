"""Redaction, recognition of secrets, and anonymised bundles."""
