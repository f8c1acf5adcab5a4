"""SSEU-Bench, the numbers: label lists and (with later versions) the scores."""

from sseu_metric.labels import CONDITIONS, EVENTS, SCENES

__all__ = ["CONDITIONS", "EVENTS", "SCENES"]
