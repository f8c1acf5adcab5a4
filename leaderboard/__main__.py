"""`python -m leaderboard`."""

import sys

from leaderboard.app import main

sys.exit(main())
