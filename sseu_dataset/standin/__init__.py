"""Synthetic corpora in the official layouts, for trying everything without the licensed recordings."""
