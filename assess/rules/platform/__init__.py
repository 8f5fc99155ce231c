"""Systems that do not mix."""
