"""The rule `diverse` (SSEU-Bench D1): several short utterances of one speaker in each clip, no sentence twice."""
