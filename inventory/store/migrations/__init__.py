"""The migrations of the tables, as Alembic runs them: ``env.py``, and one file in ``versions`` for each change."""
