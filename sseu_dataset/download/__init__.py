"""Downloads of the official archives: addresses, resumable transfers, checksums, unpacking."""
