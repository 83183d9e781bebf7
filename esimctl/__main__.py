"""`python -m esimctl` is the same as the `esimctl` script."""

import sys

from esimctl.main import main

sys.exit(main())
