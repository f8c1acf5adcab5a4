"""The leaderboard. All scores are recomputed server-side from the submitted answers."""
