"""The three source corpora on disk: folders, headers, annotations and audio."""
