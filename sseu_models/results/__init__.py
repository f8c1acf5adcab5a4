"""Results folders: the answer log, the typed result and scores, and scoring."""
