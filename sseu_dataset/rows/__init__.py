"""Rows of a dataset: as they are stored, and at another SNR."""
