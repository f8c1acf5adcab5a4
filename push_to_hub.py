#!/usr/bin/env python3
"""`python push_to_hub.py` is `sseu publish` with its dataset, metric and leaderboard, and `sseu submit`."""

import sys

from sseu_cli.main import main

if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(main(words if words[:1] == ["submit"] else ["publish", *words]))
