"""Audio language models in transformers, in this process."""
