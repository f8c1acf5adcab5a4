"""Running a job: request, runner, evaluation, cost estimate, merging shards, audio ablation."""
