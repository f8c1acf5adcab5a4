"""One file for each system that needs its own environment, run by path under that environment's Python."""
