"""Reading what packs or encodes text: archives, databases, compiled programs, keys in binary form.

Each module knows one kind, reads it with plain loops over bytes, and yields parts. The bytes come from a host, so
nothing is unpickled, executed or written, no other program is started, and a :class:`~.parts.Budget` bounds everything.
"""
