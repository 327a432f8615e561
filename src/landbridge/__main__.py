"""`python -m landbridge`: the command line."""

import sys

from landbridge.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
