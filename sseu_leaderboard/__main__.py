"""`python -m sseu_leaderboard`."""

import sys

from sseu_leaderboard.web.app import main

sys.exit(main())
