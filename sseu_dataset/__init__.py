"""SSEU-Bench, data in: from licensed corpora to a versioned dataset."""
