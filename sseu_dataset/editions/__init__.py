"""Editions: builds whose seed is committed to before it is revealed (docs/editions.md)."""
