"""Speech recognisers as systems: `asr:<name>`."""
