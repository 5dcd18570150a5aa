"""`python -m cotkd` is the command `cotkd`."""

import sys

from cotkd.cli import main

sys.exit(main())
