#!/usr/bin/env python3
"""`python run_model.py` is `sseu run`; `score`, `merge`, `ablate`, `compare` and `report` are commands as in `sseu`."""

import sys

from sseu_cli.main import main

if __name__ == "__main__":
    words = ["ablate", *sys.argv[2:]] if sys.argv[1:2] == ["hearing"] else sys.argv[1:]
    named = words[:1] and words[0] in ("run", "score", "merge", "ablate", "compare", "report")
    sys.exit(main(words if named else ["run", *words]))
