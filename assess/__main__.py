"""``python -m assess`` is ``assess``."""

from assess.cli import main

main()
