"""Stand-in for upstream code."""
