"""Turns a table of ready mixtures, made elsewhere, into a dataset folder of this format."""
