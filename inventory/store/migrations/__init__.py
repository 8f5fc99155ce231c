"""How the tables came to be, as Alembic runs it: ``env.py``, and one file in ``versions`` for each change."""
