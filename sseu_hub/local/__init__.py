"""A small Hub on this machine, for the real clients of huggingface_hub, datasets and evaluate (HF_ENDPOINT).

    python -m sseu_hub.local --root DIR [--port 0]

It keeps repositories in a folder (a restart finds them), knows two users (`maintainer`, member of `sseu`, and
`stranger`), and does what the clients see of the real Hub: create, settings and gates, preupload, LFS, commit, pull
request and merge, tag, tree, resolve with ranges, discussions, a Space's variables. `POST /_fault` arms faults,
`GET /_log` tells what was asked. Clients need HF_HUB_DISABLE_XET=1. What the real Hub checks beyond this (cards,
quotas, scans) is not here, and lists come on one page.
"""

from sseu_hub.local.access import MAINTAINER, STRANGER
from sseu_hub.local.errors import HubError
from sseu_hub.local.running import RunningHub, running_hub

__all__ = ["MAINTAINER", "STRANGER", "HubError", "RunningHub", "running_hub"]
