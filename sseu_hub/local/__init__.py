"""A small Hub on this machine, for the real clients of huggingface_hub, datasets and evaluate (HF_ENDPOINT).

It stores repositories in a folder (a restart finds them), knows two users (`maintainer`, a member of `sseu`, and
`outsider`), and serves what this project's commands ask of the real Hub: create, settings and gates, preupload, LFS,
commit, pull request, tag, tree, resolve with ranges, discussions, a Space's variables. Clients need
HF_HUB_DISABLE_XET=1. What the real Hub checks beyond this (cards, quotas, scans) is missing, and lists have one page.

    from sseu_hub.local import serve

    serve("hub", port=0)  # prints the address, then serves until Ctrl-C
"""

from sseu_hub.local.access import MAINTAINER, OUTSIDER
from sseu_hub.local.messages import HttpError
from sseu_hub.local.running import RunningHub, running_hub, serve, serve_in_background

__all__ = ["MAINTAINER", "OUTSIDER", "HttpError", "RunningHub", "running_hub", "serve", "serve_in_background"]
