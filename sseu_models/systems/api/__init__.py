"""OpenAI-compatible chat endpoints that accept audio."""
