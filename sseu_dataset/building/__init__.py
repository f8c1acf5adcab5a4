"""From corpora on disk to a dataset folder: plan, render, write; then verify and measure it."""
