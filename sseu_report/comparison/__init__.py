"""Is A better than B? Two results, or a result beside the published scores."""
