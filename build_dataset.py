#!/usr/bin/env python3
"""`python build_dataset.py` is `sseu build`; `verify`, `measure` and `standin` are commands as in `sseu`."""

import sys

from sseu_cli.main import main

if __name__ == "__main__":
    words = sys.argv[1:]
    named = words[:1] and words[0] in ("build", "verify", "measure", "standin")
    sys.exit(main(words if named else ["build", *words]))
