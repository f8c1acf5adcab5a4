"""`python -m sseu_cli`: the command `sseu` where no script is installed."""

import sys

from sseu_cli.main import main

sys.exit(main())
