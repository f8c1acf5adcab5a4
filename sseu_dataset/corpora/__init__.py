"""The three source corpora as they lie on disk: their folders, headers, annotations and audio."""
