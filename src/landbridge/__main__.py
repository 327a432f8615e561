"""`python -m landbridge`: the command line, wherever the package is."""

import sys

from .cli.main import main

sys.exit(main())
