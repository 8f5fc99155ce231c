import sys

from tests.wild.cli import main

sys.exit(main())
