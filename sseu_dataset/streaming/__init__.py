"""Mixtures for training, made as they are needed: from which sources, without which benchmark, in which order."""
