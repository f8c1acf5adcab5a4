"""SSEU-Bench on the Hugging Face Hub: publishing the dataset and the metric, submitting results."""
