"""Synthetic corpora in the official on-disk layouts, for rehearsals without the licensed recordings."""
