"""SSEU-Bench, who answers: systems, their prompts, and the runner that asks them.

A dataset row goes through the front end and the resampler, meets a prompt as a `Question`, reaches a system, comes back
as a `Reply` and is kept as an `Answer` in the log, which `sseu_metric` scores.
"""
