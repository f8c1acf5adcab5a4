"""What the scores say: thresholds, interference, hard cases, ablations, embedder sensitivity."""
