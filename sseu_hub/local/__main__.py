"""Serve until killed: `python -m sseu_hub.local --root DIR [--port 0] [--serve-for PID]`."""

from __future__ import annotations

import argparse
import os
import threading
from pathlib import Path

from sseu_hub.local.server import Hub


def main() -> None:
    """Print the address, then serve."""
    parser = argparse.ArgumentParser(prog="python -m sseu_hub.local", description="A small Hub on this machine")
    parser.add_argument("--root", type=Path, required=True, help="folder of the repositories, made if missing")
    parser.add_argument("--port", type=int, default=0, help="default: any that is free")
    parser.add_argument("--serve-for", type=int, metavar="PID", help="end with this parent process")
    arguments = parser.parse_args()
    with Hub(arguments.root, arguments.port) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        if arguments.serve_for is None:
            server.serve_forever()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        while os.getppid() == arguments.serve_for:
            threading.Event().wait(0.5)


if __name__ == "__main__":
    main()
