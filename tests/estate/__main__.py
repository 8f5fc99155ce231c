"""Entry point of ``python -m tests.estate``."""

import sys

from tests.estate.cli import main

sys.exit(main())
