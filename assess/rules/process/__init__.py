"""How the processes came to be, and what they rely on to be started."""
