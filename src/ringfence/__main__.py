"""Run Ringfence as ``python -m ringfence``."""

import sys

from ringfence.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
