"""Plots: metrics against SNR, and per class."""
