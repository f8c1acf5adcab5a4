"""Fetching the official archives: where they are, resumable transfers, checksums, unpacking."""
